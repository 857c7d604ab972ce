/** Schemas of nested columns, as hyparquet-writer takes them. */
import type { SchemaElement } from 'hyparquet'

export type Leaf = 'text' | 'int32' | 'int64' | 'double' | 'boolean' | 'binary' | 'decimal' | 'moment'
export type Shape =
  | { readonly leaf: Leaf; readonly required?: boolean }
  | { readonly list: Shape; readonly required?: boolean }
  | { readonly map: Shape; readonly required?: boolean }
  | { readonly struct: Fields; readonly required?: boolean }
export type Fields = Readonly<Record<string, Shape>>

const leaves: Readonly<Record<Leaf, Partial<SchemaElement>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  int32: { type: 'INT32' },
  int64: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  binary: { type: 'BYTE_ARRAY' },
  decimal: { type: 'INT64', converted_type: 'DECIMAL', precision: 18, scale: 0 },
  moment: { type: 'INT64', logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' } },
}

export function schemaOf(fields: Fields): SchemaElement[] {
  return [{ name: 'root', num_children: Object.keys(fields).length }, ...fieldsOf(fields)]
}

function fieldsOf(fields: Fields): SchemaElement[] {
  return Object.entries(fields).flatMap(([name, shape]) => elementsOf(name, shape))
}

function elementsOf(name: string, shape: Shape): SchemaElement[] {
  const place = { name, repetition_type: shape.required === true ? 'REQUIRED' : 'OPTIONAL' } as const
  if ('leaf' in shape) return [{ ...place, ...leaves[shape.leaf] }]
  if ('struct' in shape)
    return [{ ...place, num_children: Object.keys(shape.struct).length }, ...fieldsOf(shape.struct)]
  if ('list' in shape)
    return [
      { ...place, num_children: 1, converted_type: 'LIST' },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...elementsOf('element', shape.list),
    ]
  return [
    { ...place, num_children: 1, converted_type: 'MAP' },
    { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
    ...elementsOf('key', { leaf: 'text', required: true }),
    ...elementsOf('value', shape.map),
  ]
}
