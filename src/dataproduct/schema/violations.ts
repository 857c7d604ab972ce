/** What a validator says, put in plain words, once for each place. */
import type { ErrorObject } from 'ajv'
import type { Json } from '../../domain/json.ts'
import { parsePointer } from '../../domain/json-pointer.ts'
import type { Path } from '../document.ts'
import { shown } from '../syntax.ts'
import { didYouMean } from './did-you-mean.ts'

export type Violation = {
  readonly path: Path
  /** The key itself is what is wrong, not its value. */
  readonly isKey: boolean
  readonly message: string
  readonly remedy: string
}

type Raw = Pick<ErrorObject, 'instancePath' | 'keyword'> & { readonly params: { readonly [name: string]: unknown } }

/** Grave ones first: where a value has the wrong type, nothing else is said of it. */
const order = ['required', 'type', 'additionalProperties', 'const', 'enum', 'oneOf']

export function violations(
  errors: readonly Raw[],
  document: Json,
  knownKeysAt: (path: Path) => readonly string[],
  /** Where in its file the value stands. */
  at: Path = [],
): readonly Violation[] {
  const byPlace = new Map<string, Violation>()
  const sorted = [...errors].sort((left, right) => rank(left) - rank(right))
  for (const error of sorted) {
    const violation = violationOf(error, document, knownKeysAt, at)
    if (violation === undefined) continue
    const place = JSON.stringify(violation.path)
    // A wrong value inside an operator already says why none of them fits.
    if (
      error.keyword === 'oneOf' &&
      sorted.some((other) => other !== error && other.instancePath.startsWith(`${error.instancePath}/mustBe`))
    )
      continue
    if (!byPlace.has(place)) byPlace.set(place, violation)
  }
  return [...byPlace.values()]
}

function rank({ keyword }: Raw): number {
  const place = order.indexOf(keyword)
  return place < 0 ? order.length : place
}

function violationOf(
  error: Raw,
  document: Json,
  knownKeysAt: (path: Path) => readonly string[],
  at: Path,
): Violation | undefined {
  const { keyword, params } = error
  const below = pathOf(error.instancePath, document)
  const path = [...at, ...below]
  const name = nameOf(path)
  const value = { path, isKey: false }
  switch (keyword) {
    case 'if':
    case 'anyOf':
    case 'allOf':
      return undefined
    case 'required': {
      // Branches of a choice that are not taken ask for their own keys.
      const missing = String(params['missingProperty'])
      if (missing.startsWith('mustBe') || missing.startsWith('mustNotBe')) return undefined
      return {
        path: [...path, missing],
        isKey: false,
        message: `${within(path)} lacks ${shown(missing)}`,
        remedy: `Add ${shown(missing)}.`,
      }
    }
    case 'additionalProperties': {
      const key = String(params['additionalProperty'])
      return unknownKey(path, key, knownKeysAt(below))
    }
    case 'type':
      return {
        ...value,
        message: `${name} has to be ${types(params['type'])}, but is ${typeOf(valueAt(document, below))}`,
        remedy: 'Correct the value.',
      }
    case 'enum':
    case 'const':
      return wrongWord(
        value,
        name,
        valueAt(document, below),
        (params['allowedValues'] ?? [params['allowedValue']]) as readonly Json[],
      )
    case 'oneOf':
      return Array.isArray(params['passingSchemas'])
        ? {
            ...value,
            message: `${within(path)} has more than one of \`mustBe\`, \`mustBeGreaterThan\` and the like`,
            remedy: 'Keep one; write a check for each of the others.',
          }
        : {
            ...value,
            message: `${within(path)} lacks what has to be true: \`mustBe\`, \`mustBeGreaterThan\` or the like`,
            remedy: 'Add one of them.',
          }
    default:
      return { ...value, ...limitOf(keyword, params, name) }
  }
}

function unknownKey(path: Path, key: string, known: readonly string[]): Violation {
  const at = { path: [...path, key], isKey: true }
  if (known.includes(key)) {
    return {
      ...at,
      message: `${shown(key)} has no place in ${within(path)} as the rest of it stands`,
      remedy: 'Remove it, or correct the type beside it.',
    }
  }
  const meant = didYouMean(key, known)
  return meant === undefined
    ? {
        ...at,
        message: `${shown(key)} is no key that ${within(path)} may have`,
        remedy: 'Remove it, or keep it in `customProperties`.',
      }
    : {
        ...at,
        message: `${shown(key)} is no key that ${within(path)} may have: did you mean \`${meant}\`?`,
        remedy: `Write \`${meant}\`.`,
      }
}

const CHOICES_SHOWN_MAX = 12

function wrongWord(
  at: { path: Path; isKey: boolean },
  name: string,
  value: Json | undefined,
  allowed: readonly Json[],
): Violation {
  const words = allowed.map(String)
  const meant = typeof value === 'string' ? didYouMean(value, words) : undefined
  const more = words.length > CHOICES_SHOWN_MAX ? ` and ${words.length - CHOICES_SHOWN_MAX} more` : ''
  const list = words
    .slice(0, CHOICES_SHOWN_MAX)
    .map((word) => `\`${word}\``)
    .join(', ')
  return {
    ...at,
    message: `${name} has to be ${words.length === 1 ? '' : 'one of '}${list}${more}${meant === undefined ? '' : `: did you mean \`${meant}\`?`}`,
    remedy: meant === undefined ? 'Take one of these.' : `Write \`${meant}\`.`,
  }
}

const FORMATS: Readonly<Record<string, string>> = {
  date: 'a day, such as 2026-01-31',
  'date-time': 'a time, such as 2026-01-31T10:00:00Z',
  uri: 'an address, such as https://example.com/orders',
}

/** What the patterns of the schemas ask for, by a part that only they have. */
const FORMS: readonly { readonly mark: string; readonly form: string }[] = [
  { mark: 'https?', form: 'be a reference: `object.column`, or a path of ids such as `schema/orders/properties/id`' },
  { mark: '^[A-Za-z0-9_-]+$', form: 'have only letters, digits, `_` and `-`' },
  { mark: '@!%&^', form: 'have no white space and none of `. # / \\ @ ! % & ^`' },
  { mark: 'sftp', form: 'begin with `sftp://`' },
  { mark: '[0-9]{4}-', form: 'be a day, such as 2026-01-31' },
]

function limitOf(keyword: string, params: Raw['params'], name: string): Pick<Violation, 'message' | 'remedy'> {
  const limit = String(params['limit'])
  const remedy = 'Correct the value.'
  switch (keyword) {
    case 'format':
      return { message: `${name} has to be ${FORMATS[String(params['format'])] ?? String(params['format'])}`, remedy }
    case 'pattern': {
      const pattern = String(params['pattern'])
      const form = FORMS.find(({ mark }) => pattern.includes(mark))?.form
      return { message: `${name} has to ${form ?? `be formed like \`${pattern}\``}`, remedy }
    }
    case 'minItems':
    case 'maxItems':
      return {
        message: `${name} has to have ${keyword === 'minItems' ? 'at least' : 'at most'} ${limit} ${limit === '1' ? 'item' : 'items'}`,
        remedy: 'Add or remove items.',
      }
    case 'uniqueItems':
      return { message: `${name} has the same item twice`, remedy: 'Remove one of the two.' }
    case 'minLength':
    case 'minProperties':
      return {
        message: `${name} has to have at least ${limit} ${keyword === 'minLength' ? 'characters' : 'keys'}`,
        remedy,
      }
    case 'minimum':
    case 'exclusiveMinimum':
      return { message: `${name} has to be ${keyword === 'minimum' ? 'at least' : 'more than'} ${limit}`, remedy }
    default:
      return { message: `${name} is not as the standard has it (${keyword})`, remedy: 'Compare it with the standard.' }
  }
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  integer: 'a whole number',
  boolean: '`true` or `false`',
  object: 'a mapping',
  array: 'a list',
  null: 'empty',
}

function types(type: unknown): string {
  const names = (Array.isArray(type) ? type : String(type).split(',')).map(
    (each) => TYPES[String(each)] ?? String(each),
  )
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`
}

function typeOf(value: Json | undefined): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'boolean' ? `\`${value}\`` : (TYPES[typeof value] ?? typeof value)
}

/** Ajv names list items by digits; whether a segment is one depends on what it leads into. */
function pathOf(pointer: string, document: Json): Path {
  let value: Json | undefined = document
  return parsePointer(pointer).map((segment) => {
    const step = Array.isArray(value) ? Number(segment) : segment
    value = (value as { readonly [key: string | number]: Json } | undefined)?.[step]
    return step
  })
}

function valueAt(document: Json, path: Path): Json | undefined {
  return path.reduce<Json | undefined>(
    (value, step) => (value as { readonly [key: string | number]: Json } | undefined)?.[step],
    document,
  )
}

/** `servers[0].type` */
export function nameOf(path: Path): string {
  if (path.length === 0) return 'The document'
  const [first, ...rest] = path
  return `\`${String(first)}${rest.map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`)).join('')}\``
}

function within(path: Path): string {
  return path.length === 0 ? 'the document' : nameOf(path)
}
