/** The first rule of README.md is written, attached and built as it says there, and Bob sees what it says. */
import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { createCheckout, repository } from '../bundles/support/checkout.ts'
import { decodeEmployees, readEmployees } from '../e2e/hr-truth.ts'
import { ask, read, startEmbedded } from '../e2e/system.ts'
import { ensureTool } from '../support/ensure-tool.ts'

const leaf = 'file:/data/hr/employee_file0.avro'

test('the first rule of the README builds, and masks what it says', async () => {
  const text = await readFile(join(repository, 'README.md'), 'utf8')
  const [, path, rule] = /`(policies\/rules\/\S+\.rego)`:\n\n```rego\n(.*?)^```$/ms.exec(text)!
  const attachment = /add `(\["hr", "\w+"\])` to `record_rules`/.exec(text)![1]!
  await using checkout = await createCheckout({
    'attachments/domain/hr/data.json': (json) =>
      json.replace('["hr", "nationality"],', `["hr", "nationality"],\n${attachment},`),
  })
  await mkdir(dirname(join(checkout.path, path!)), { recursive: true })
  await writeFile(join(checkout.path, path!), rule!)
  const opa = await ensureTool('opa')
  await promisify(execFile)(opa, ['fmt', '--fail', 'policies'], { cwd: checkout.path })
  const command = ['--import', 'tsx', join(repository, 'src/cli/main.ts'), 'bundle', 'build', '--root', checkout.path]
  await promisify(execFile)(process.execPath, command, { cwd: repository, env: { ...process.env, OPA: opa } })

  await using system = await startEmbedded({ bundle: join(checkout.path, 'bundles/access.tar.gz') })
  const { token } = await ask(system, { userId: 'Bob', purpose: 'SALARY' })
  const names = (await decodeEmployees(await read(system, token, leaf))).map(({ name }) => name as string)
  const originals = (await readEmployees('employee_file0.avro')).map(({ name }) => name as string)
  const masked = (name: string) => name[0]! + '*'.repeat(name.length - 1)
  expect(names).toEqual(originals.map((name, index) => (index === 0 ? name : masked(name))))
}, 120_000)
