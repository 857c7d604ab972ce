/** Small documents for tests of the check, and folders of them. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createTempFolder, type TempFolder } from '../../support/temp-folder.ts'

export const goodContract = `apiVersion: v3.1.0
kind: DataContract
id: 5b0e8a52-6c0b-4a92-9a5e-1f2f6d3f4c01
name: employees
version: 1.2.0
status: active
description:
  purpose: Pay people.
team:
  name: people
  members:
    - username: alice@example.com
      role: owner
schema:
  - name: employees
    properties:
      - name: employee_id
        logicalType: string
        classification: internal
`

export const goodProduct = `apiVersion: v1.0.0
kind: DataProduct
id: 0d0a51ac-8f2e-4f9f-8f27-0d1c2b7f3a01
name: payroll
version: 1.0.0
status: active
domain: hr
team:
  name: people
  members:
    - username: alice@example.com
      role: owner
outputPorts:
  - name: employees
    version: 1.0.0
    contractId: 5b0e8a52-6c0b-4a92-9a5e-1f2f6d3f4c01
`

/** Two findings of CLS-01 and one of DES-01. */
export const badContract = goodContract
  .replace('description:\n  purpose: Pay people.\n', '')
  .replace('        classification: internal\n', '      - name: salary\n        logicalType: number\n')

export function waiversOf(...waivers: readonly Readonly<Record<string, unknown>>[]): string {
  return JSON.stringify({ apiVersion: 'portcullis/v1', kind: 'Waivers', waivers }, undefined, 2)
}

export const goodWaiver = {
  rule: 'DES-01',
  scope: { file: '**/employees.yaml' },
  reason: 'The purpose is being written.',
  owner: 'alice@example.com',
  ticket: 'HR-12',
  expires: '2026-12-31',
} as const

export async function folderOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<TempFolder> {
  const folder = await createTempFolder('check')
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder.path, path)), { recursive: true })
    await writeFile(join(folder.path, path), content)
  }
  return folder
}
