/** What is wrong with a request, said by the field's name and never by its value. */
import { PortcullisError } from '../domain/errors.ts'

/** What the framework hands over of ajv's error. */
export type ValidationError = {
  readonly keyword: string
  readonly instancePath: string
  readonly schemaPath?: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

const nameLengthMax = 64

export function invalid(field: string, problem: string): PortcullisError {
  return new PortcullisError('request.invalid', { message: `${field}: ${problem}` })
}

/** Names the first field that is wrong: `context.purpose: is missing`. */
export function describeValidation(errors: readonly ValidationError[], part = 'body'): string {
  const error = errors[0]
  if (error === undefined) return `${part}: is not valid`
  const at = error.instancePath.split('/').slice(1).map(unescapePointer)
  if (error.schemaPath?.includes('/propertyNames/'))
    return `${name(at, part)}: has an entry whose name is too short or too long`
  switch (error.keyword) {
    case 'required':
      return `${name([...at, String(error.params.missingProperty)], part)}: is missing`
    case 'additionalProperties':
      return `${name([...at, String(error.params.additionalProperty)], part)}: is not known here`
    case 'type':
      return `${name(at, part)}: must be ${article(String(error.params.type))}`
    case 'minLength':
    case 'maxLength':
    case 'minimum':
    case 'maximum':
      return `${name(at, part)}: must be ${error.params.comparison ?? wordOf(error.keyword)} ${error.params.limit}${error.keyword.endsWith('Length') ? ' characters' : ''}`
    case 'maxProperties':
      return `${name(at, part)}: has more than ${error.params.limit} entries`
    default:
      return `${name(at, part)}: is not valid`
  }
}

function name(path: readonly string[], part: string): string {
  if (path.length === 0) return part
  return path.map((segment) => JSON.stringify(segment.slice(0, nameLengthMax).toWellFormed()).slice(1, -1)).join('.')
}

function unescapePointer(segment: string): string {
  return segment.replaceAll('~1', '/').replaceAll('~0', '~')
}

function article(type: string): string {
  return /^[aeiou]/u.test(type) ? `an ${type}` : `a ${type}`
}

function wordOf(keyword: string): string {
  return keyword === 'minLength' ? 'at least' : 'at most'
}
