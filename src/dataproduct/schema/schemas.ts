/** Every schema by its name. */
import { approvalsSchema, controlPortSchema, conventionsSchema, waiversSchema } from './conventions.ts'
import type { Schema } from './json-schema.ts'
import { odcsSchema } from './odcs.ts'
import { odpsSchema } from './odps.ts'
import { profileSchema } from './profile.ts'

export const schemas = {
  'odcs-3.0': () => odcsSchema('3.0'),
  'odcs-3.1': () => odcsSchema('3.1'),
  'odcs-3.2': () => odcsSchema('3.2'),
  'odps-1.0': () => odpsSchema('1.0'),
  'odps-1.1': () => odpsSchema('1.1'),
  'profile-1.0': profileSchema,
  'custom-property': conventionsSchema,
  'management-port': controlPortSchema,
  waivers: waiversSchema,
  approvals: approvalsSchema,
} satisfies Readonly<Record<string, () => Schema>>

export type SchemaName = keyof typeof schemas
