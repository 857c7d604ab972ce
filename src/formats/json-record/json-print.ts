/** JSON text of a value that a mask made. */
import type { Json } from '../../domain/json.ts'

export function printJson(value: Json): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.toWellFormed())
    case 'bigint':
      return String(value)
    case 'number':
      return Number.isFinite(value) ? String(value) : 'null'
    case 'boolean':
      return String(value)
    default:
      if (value === null) return 'null'
      if (Array.isArray(value)) return `[${value.map(printJson).join()}]`
      return `{${Object.entries(value)
        .map(([name, member]) => `${JSON.stringify(name.toWellFormed())}:${printJson(member)}`)
        .join()}}`
  }
}
