/** What a parser of ours gives: nodes with their offsets, and the problems it met. Offsets count UTF-16 units; ends are exclusive. */
import type { Json } from '../domain/json.ts'
import type { Path } from './document.ts'

export type Entry = {
  readonly key: string
  readonly keyStart: number
  readonly keyEnd: number
  readonly node: SyntaxNode
}

export type SyntaxNode = {
  readonly value: Json
  readonly start: number
  readonly end: number
  readonly entries?: readonly Entry[]
  readonly items?: readonly SyntaxNode[]
  /** What a reference leads to; `start` and `end` are then those of the reference. */
  readonly target?: SyntaxNode
}

export type Problem = {
  readonly severity: 'error' | 'warning'
  readonly message: string
  readonly remedy: string
  readonly path: Path
  readonly start: number
  readonly end: number
  readonly related?: { readonly start: number; readonly end: number; readonly message: string }
}

/** A document whose text has an error has no node: what it means is not certain. */
export type SyntaxDocument = {
  readonly node?: SyntaxNode
  /** Nothing stands in it, or only comments. */
  readonly empty: boolean
  readonly problems: readonly Problem[]
}

/** Lists and mappings within one another. */
export const nestingDepthMax = 100

const wholeNumber = /^[-+]?[0-9]+$/

/** Whether reading the number changes it. */
export function losesDigits(source: string, value: number): boolean {
  return wholeNumber.test(source) && !Number.isSafeInteger(value)
}

export function rounded(source: string): { readonly message: string; readonly remedy: string } {
  return {
    message: `${shown(source)} is beyond what a number can hold exactly: tools round it, and not all alike`,
    remedy: 'Put it in quotes if it is an identifier; otherwise use a smaller number.',
  }
}

export function duplicateKey(key: string): { readonly message: string; readonly remedy: string } {
  return {
    message: `${shown(key)} stands here a second time; tools differ in which of the two they take`,
    remedy: 'Keep one of the two.',
  }
}

export const tooDeep = {
  message: `lists and mappings are nested deeper than ${nestingDepthMax} levels`,
  remedy: 'Make the document flatter.',
}

const SHOWN_LENGTH_MAX = 60

/** A piece of the file for a message: one line, not too long. */
export function shown(text: string): string {
  const line = text.replace(/[\s\p{Cc}]+/gu, ' ')
  return `\`${line.length > SHOWN_LENGTH_MAX ? `${line.slice(0, SHOWN_LENGTH_MAX)}…` : line}\``
}

/** `__proto__` is a key like any other. */
export function setKey(target: { [key: string]: Json }, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
  else target[key] = value
}
