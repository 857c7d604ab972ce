/** The published document and its page, which needs nothing from elsewhere. */
import { chromium } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { ensureTool } from '../support/ensure-tool.ts'
import { startEdge } from './support/edge.ts'
import { startIssuer } from './support/issuer.ts'

type Document = {
  readonly openapi: string
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: object; readonly summary?: string }>>>
  >
  readonly security?: unknown
  readonly components?: unknown
}

async function documentOf(url: string): Promise<Document> {
  return (await (await fetch(`${url}/openapi.json`)).json()) as Document
}

describe('the OpenAPI document', () => {
  test('is of version 3.1 and has every route, with what it does and answers', async () => {
    await using edge = await startEdge()
    const { openapi, paths } = await documentOf(edge.url)
    expect(openapi).toBe('3.1.0')
    const routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    )
    expect(routes.sort()).toEqual([
      'DELETE /api/v1/requests/{token}',
      'GET /api/v1/requests/{token}',
      'GET /api/v1/requests/{token}/leaves',
      'GET /api/v1/requests/{token}/leaves/stream',
      'GET /api/v1/requests/{token}/read',
      'GET /api/v1/status',
      'GET /filteredResource/resource/{token}',
      'GET /health/live',
      'GET /health/ready',
      'GET /resource/{token}',
      'HEAD /api/v1/requests/{token}/read',
      'POST /api/registerDataRequest',
      'POST /api/v1/requests',
      'POST /api/v1/requests/{token}/read',
      'POST /data/read/chunked',
      'POST /palisade/api/registerDataRequest',
      'POST /read/chunked',
    ])
    for (const methods of Object.values(paths))
      for (const { summary, responses } of Object.values(methods)) {
        expect(summary).toMatch(/\S/u)
        expect(Object.keys(responses).length).toBeGreaterThan(0)
      }
  })

  test('says that a bearer token is needed, where one is', async () => {
    await using issuer = await startIssuer()
    await using open = await startEdge()
    await using closed = await startEdge({ authentication: issuer.authentication() })
    expect(await documentOf(open.url)).not.toHaveProperty('security')
    expect(await documentOf(closed.url)).toMatchObject({
      security: [{ bearer: [] }],
      components: { securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } } },
      paths: { '/health/live': { get: { security: [] } } },
    })
  })
})

test('the page shows the routes in a browser that reaches only this server', async () => {
  await using edge = await startEdge()
  await using browser = await chromium.launch({
    executablePath: await ensureTool('chromium'),
    args: ['--no-sandbox'],
  })
  const page = await browser.newPage()
  const elsewhere: string[] = []
  const complaints: string[] = []
  await page.route('**', (route) => {
    const url = route.request().url()
    if (url.startsWith(edge.url) || url.startsWith('data:')) return route.continue()
    elsewhere.push(url)
    return route.abort()
  })
  page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())))
  page.on('pageerror', (error) => void complaints.push(error.message))
  await page.goto(`${edge.url}/docs`)
  await page.getByText('Register a request').first().waitFor()
  expect(await page.getByText('/api/v1/requests/{token}/read').count()).toBe(3)
  expect(elsewhere).toEqual([])
  expect(complaints).toEqual([])
})
