/** A checkout with the repository's policies and the product of the HR example, changed as a test needs it. */
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buildAccess } from '../../../src/bundles/build-access.ts'
import { describe } from '../../../src/bundles/finding.ts'
import type { TempFolder } from '../../support/temp-folder.ts'
import { type Changes, createCheckout, pinnedOpa, repository } from './checkout.ts'

export const productFolder = 'examples/products/hr-employees'
export const productFile = `${productFolder}/hr-employees.product.yaml`
export const reportContract = `${productFolder}/staff-report.contract.yaml`
export const employeeContract = `${productFolder}/employees.contract.yaml`

/** By path below the checkout: a new text, or a change to the text that is there. */
export type FileChanges = Readonly<Record<string, string | ((text: string) => string)>>

export async function createProductCheckout(files: FileChanges = {}, policies: Changes = {}): Promise<TempFolder> {
  const checkout = await createCheckout(policies)
  for (const path of ['policies.yaml', productFolder])
    await cp(join(repository, path), join(checkout.path, path), { recursive: true })
  await change(checkout.path, files)
  return checkout
}

export async function change(root: string, files: FileChanges): Promise<void> {
  for (const [path, given] of Object.entries(files)) {
    const file = join(root, path)
    await mkdir(dirname(file), { recursive: true })
    const old = typeof given === 'string' ? '' : await readFile(file, 'utf8')
    const text = typeof given === 'string' ? given : given(old)
    if (text === old) throw new Error(`${path} was not changed`)
    await writeFile(file, text)
  }
}

/** The compiled access bundle of a checkout. */
export async function accessOf(root: string): Promise<Buffer> {
  const { bundles, findings } = await buildAccess(await pinnedOpa(), root)
  const [compiled] = bundles
  if (compiled === undefined) throw new Error(findings.map(describe).join('\n'))
  return compiled.bytes
}

/** `file:line code` of each finding. */
export async function findingsOf(files: FileChanges, policies: Changes = {}): Promise<readonly string[]> {
  await using checkout = await createProductCheckout(files, policies)
  const { findings } = await buildAccess(await pinnedOpa(), checkout.path)
  return findings.map(({ file, line, code }) => `${file}:${line} ${code}`)
}
