/** Asks the policy servers that products name themselves: allowed hosts only, bounded in time and size, no redirects; no answer is never a good answer. */
import type { Path, ProductDocument } from './document.ts'
import type { Finding } from './finding.ts'
import { childOf, valueAt } from './named-path.ts'
import { ownFinding } from './own-finding.ts'
import { isRecord } from './rule-info.ts'
import type { Problem } from './source-files.ts'

export const controlPortTimeoutMs = 10_000
export const controlPortAnswerBytesMax = 1_048_576

export type ControlPorts = {
  ask(documents: readonly ProductDocument[]): Promise<{
    readonly asked: number
    readonly findings: readonly Finding[]
    readonly problems: readonly Problem[]
  }>
}

export type ControlPortOptions = {
  /** `host` or `host:port`, exactly. */
  readonly allowHosts: readonly string[]
  /** Plain HTTP, for loopback only. */
  readonly allowHttp: boolean
  readonly timeoutMs?: number
}

const loopback: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]'])

export function createControlPorts({
  allowHosts,
  allowHttp,
  timeoutMs = controlPortTimeoutMs,
}: ControlPortOptions): ControlPorts {
  return {
    async ask(documents) {
      const findings: Finding[] = []
      const problems: Problem[] = []
      const places = documents.flatMap((document) => controlPortsOf(document).map((place) => ({ document, ...place })))
      for (const { document, path, url } of places) {
        const problem = (why: string) =>
          problems.push({
            file: document.file,
            message: `The control port at line ${document.locate(path).range.line} could not be asked: ${why}.`,
          })
        const target = targetOf(url)
        if (typeof target === 'string') problem(target)
        else {
          const answer = await post(target, document)
          if (typeof answer === 'string') problem(answer)
          else findings.push(...answer.map((error) => refusal(document, path, error)))
        }
      }
      return { asked: places.length, findings, problems }
    },
  }

  function targetOf(text: unknown): URL | string {
    if (typeof text !== 'string' || !URL.canParse(text)) return 'it is not a URL'
    const url = new URL(text)
    if (url.username !== '' || url.password !== '') return 'the URL holds credentials'
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowHttp && loopback.has(url.hostname)))
      return 'only https is asked (http with --allow-http, on this machine)'
    if (!allowHosts.includes(url.host) && !allowHosts.includes(url.hostname))
      return `the host ${url.host} is not allowed; allow it with --allow-host ${url.host}`
    url.pathname = `${url.pathname.replace(/\/+$/u, '').replace(/\/validation$/u, '')}/validation`
    return url
  }

  async function post(url: URL, document: ProductDocument): Promise<readonly unknown[] | string> {
    try {
      const response = await fetch(url, {
        method: 'POST',
        redirect: 'manual',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ input: document.value }, (_, value: unknown) =>
          typeof value === 'bigint' ? Number(value) : value,
        ),
        signal: AbortSignal.timeout(timeoutMs),
      })
      if (response.status !== 200) {
        await response.body?.cancel()
        return response.status >= 300 && response.status < 400
          ? 'it redirects, which is not followed'
          : `it answered ${response.status}`
      }
      const text = await boundedText(response)
      return text === undefined ? `its answer is larger than ${controlPortAnswerBytesMax} bytes` : errorsOf(text)
    } catch (error) {
      return error instanceof Error && error.name === 'TimeoutError'
        ? `no answer within ${timeoutMs} ms`
        : 'it cannot be reached'
    }
  }
}

/** A string says why the answer is none. */
function errorsOf(text: string): readonly unknown[] | string {
  let answer: unknown
  try {
    answer = JSON.parse(text)
  } catch {
    return 'its answer is not JSON'
  }
  const result = isRecord(answer) ? answer['result'] : undefined
  if (result === undefined) return 'its answer has no result: it knows no such policy'
  if (!isRecord(result) || typeof result['valid'] !== 'boolean' || !Array.isArray(result['errors']))
    return 'its result is not {valid, errors}'
  const { valid, errors } = result as { readonly valid: boolean; readonly errors: readonly unknown[] }
  if (valid !== (errors.length === 0))
    return valid ? 'its result is valid and has errors' : 'its result is not valid and says not why'
  return errors
}

async function boundedText(response: Response): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > controlPortAnswerBytesMax) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refusal(document: ProductDocument, place: Path, error: unknown): Finding {
  const { code, rule, message, path } = isRecord(error) ? error : {}
  const names = [code, rule].filter((name) => typeof name === 'string').join(', ')
  const text = typeof message === 'string' ? message : 'it does not say why'
  const at =
    Array.isArray(path) && path.every((segment) => ['string', 'number'].includes(typeof segment))
      ? (path as Path)
      : place
  return ownFinding(
    'CTL-01',
    document,
    at,
    `The control port refuses this${names === '' ? '' : ` (${names})`}: ${text}`,
  )
}

type ControlPort = { readonly path: Path; readonly url: unknown }

/** ODPS: managementPorts with content `control`; our profile: controlPort.opaServerUrl. */
function controlPortsOf({ kind, value }: ProductDocument): readonly ControlPort[] {
  if (kind === 'profile') {
    const path = ['dataProduct', 'controlPort', 'opaServerUrl']
    const url = valueAt(value, path)
    return url === undefined ? [] : [{ path, url }]
  }
  const ports = kind === 'odps' ? childOf(value, 'managementPorts') : undefined
  if (!Array.isArray(ports)) return []
  return ports.flatMap((port, index) => {
    if (childOf(port, 'content') !== 'control') return []
    return [{ path: ['managementPorts', index, 'url'], url: childOf(port, 'url') }]
  })
}
