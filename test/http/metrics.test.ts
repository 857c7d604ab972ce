/** What operators' tools read of a running server. */
import { copyFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { accessBundle, startHrPortcullis } from '../support/portcullis-process.ts'
import { createTempFolder } from '../support/temp-folder.ts'

test('metrics and status tell the active revision, what was answered, and a bundle that is refused', async () => {
  await using folder = await createTempFolder('metrics')
  const bundle = join(folder.path, 'access.tar.gz')
  await copyFile(accessBundle, bundle)
  await using server = await startHrPortcullis({ bundle })
  const metrics = async () => (await fetch(`${server.url}/metrics`)).text()
  await fetch(`${server.url}/api/v1/requests/11111111-2222-4333-8444-555555555555/read`, { method: 'POST' })
  const text = await metrics()
  const revision = /portcullis_bundle_active\{bundle="access",revision="([0-9a-f]{64})"\} 1/.exec(text)![1]
  expect(text).toMatch(/portcullis_bundle_activated_timestamp_seconds\{bundle="access"\} 1\d{9}/)
  expect(text).toContain('portcullis_http_answers_total{route="/api/v1/requests/:token/read",status="400"} 1')
  expect(text).not.toContain('11111111-2222')
  expect(text).not.toContain('portcullis_bundle_failed{')
  await writeFile(`${bundle}.bad`, 'no bundle')
  await rename(`${bundle}.bad`, bundle)
  await expect
    .poll(metrics, { timeout: 15_000 })
    .toContain('portcullis_bundle_failed{bundle="access",code="bundle.corrupt"} 1')
  const status = (await (await fetch(`${server.url}/v1/status`)).json()) as object
  expect(status).toMatchObject({
    result: {
      bundles: {
        access: {
          name: 'access',
          active_revision: revision,
          code: 'bundle.corrupt',
          last_successful_activation: expect.stringMatching(/^\d{4}-/),
        },
      },
    },
  })
}, 60_000)
