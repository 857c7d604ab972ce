/** What the profile refuses in YAML that is otherwise well-formed, and what to do about it. */
import { shown } from '../syntax.ts'
import type { Complaint } from './syntax-reasons.ts'

export const tagDirective: Complaint = {
  message: '`%TAG` is refused: no tag of one’s own has a meaning here',
  remedy: 'Remove it.',
}

export const olderDirective: Complaint = {
  message: '`%YAML` names an older version, but the file is read as YAML 1.2',
  remedy: 'Remove the line, and put values in quotes that the versions read differently.',
}

export const mergeKeyRefused: Complaint = {
  message: 'the merge key `<<` is refused: it belongs to YAML 1.1, and tools differ in whether they follow it',
  remedy: 'Write out what is merged.',
}

export const mergesNoMapping: Complaint = {
  message: '`<<` merges a value that is no mapping',
  remedy: 'Merge a mapping, or a list of mappings.',
}

export const keyIsMissing: Complaint = { message: 'a key is missing before the `:`', remedy: 'Name the key.' }

export const keyIsNoText: Complaint = {
  message: 'a key is a list, a mapping or a reference, but has to be text',
  remedy: 'Write the key as text.',
}

export const halfCharacter: Complaint = {
  message: 'half a character stands here: a surrogate without its other half',
  remedy: 'Write the whole character.',
}

export function unknownTag(tag: string): Complaint {
  return {
    message: `the tag ${shown(tag)} is refused: only those of YAML’s core schema have a meaning here`,
    remedy: 'Remove the tag.',
  }
}

export function wrongTag(what: string, tag: string): Complaint {
  return {
    message: `${what} is not what its tag \`!!${tag}\` says`,
    remedy: 'Remove the tag, or correct the value.',
  }
}

export function unknownAnchor(name: string): Complaint {
  return {
    message: `${shown(`*${name}`)} refers to an anchor that does not stand before it`,
    remedy: 'Correct the name, or write the value out.',
  }
}

export function withinItself(name: string): Complaint {
  return {
    message: `${shown(`*${name}`)} refers to a value that it is itself a part of`,
    remedy: 'Write the value out.',
  }
}

export function tooManyAliases(limit: number): Complaint {
  return {
    message: `the document refers to anchors more than ${limit} times`,
    remedy: 'Write the values out.',
  }
}

export function tooMuchAliased(limit: number): Complaint {
  return {
    message: `references make the document larger by more than ${limit} values`,
    remedy: 'Use fewer references to references.',
  }
}

export function notFinite(source: string): Complaint {
  return {
    message: `${shown(source)} is no value that JSON knows, so no policy could see it`,
    remedy: 'Leave the value out, or put it in quotes.',
  }
}

export function readOtherwise(source: string, value: unknown, reading: string): Complaint {
  const is = typeof value === 'number' ? `the number ${value}` : 'text'
  const orElse = reading === '`true`' || reading === '`false`' ? `, or write ${reading} if that is meant` : ''
  return {
    message: `${shown(source)} is ${is} here, but ${reading} to tools that read YAML 1.1`,
    remedy: `Put it in quotes${orElse || (typeof value === 'number' ? ', or write the number so that all tools read it alike' : '')}.`,
  }
}
