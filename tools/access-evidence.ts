/** `tsx tools/access-evidence.ts`: writes what the access rules and their tests give as evidence, for conftest, which has no build. A test compares it. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { accessEvidence, evidencePath, evidenceSource } from '../src/bundles/access-evidence.ts'
import { findOpa } from '../src/bundles/opa.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const opa = await findOpa({ environment: process.env.OPA, root })
await writeFile(join(root, 'policies', evidencePath), evidenceSource(await accessEvidence(opa, root)).bytes)
