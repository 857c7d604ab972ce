/** The policies of domains that keep them in a repository of their own: exactly the pinned commit, and nothing but what belongs to the domain. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { readBase } from '../../dataproduct/git.ts'
import { gitEnvironment } from '../../dataproduct/run-git.ts'
import { PortcullisError } from '../../domain/errors.ts'
import type { PolicyFinding } from '../finding.ts'
import { policiesFolder, type Source, type Sources, sourceBytesMax, sourceFilesMax } from '../sources.ts'
import { type DomainSource, manifestFile } from './manifest.ts'

/** One fetch, in milliseconds. */
export const fetchTimeoutMs = 120_000
const shownCommitChars = 12

/** `own`: the sources of the checkout itself. @throws tool.failed naming the domain whose repository or commit cannot be had */
export async function readDomains(
  root: string,
  domains: readonly DomainSource[],
  own: readonly Source[],
): Promise<Sources> {
  const read = await Promise.all(domains.map((domain) => readDomain(root, domain)))
  const known = new Set(own.map(({ path }) => path))
  const findings: PolicyFinding[] = []
  const sources = read.flat().filter(({ domain, source }) => {
    const say = (code: 'domain.outside' | 'domain.conflict', message: string) =>
      findings.push({ code, file: manifestFile, line: domain.line, message })
    if (!belongs(source.path, domain.domain)) say('domain.outside', `${domain.domain}: ${source.file} is not its own.`)
    else if (known.has(source.path)) say('domain.conflict', `${domain.domain}: ${source.file} is here, too.`)
    else return true
    return false
  })
  return { sources: sources.map(({ source }) => source), findings }
}

type DomainFile = { readonly domain: DomainSource; readonly source: Source }

async function readDomain(root: string, domain: DomainSource): Promise<readonly DomainFile[]> {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-domain-'))
  try {
    await fetchCommit(folder, root, domain)
    const { files } = await readBase(folder, domain.commit, [policiesFolder], () => true)
    if (files.length > sourceFilesMax) throw unavailable(domain, `more than ${sourceFilesMax} files`)
    const origin = `${domain.repository}@${domain.commit.slice(0, shownCommitChars)}`
    return files.map(({ path, bytes }) => {
      if (bytes.length > sourceBytesMax) throw unavailable(domain, `${path} is larger than ${sourceBytesMax} bytes`)
      const source = { path: path.slice(policiesFolder.length + 1), file: path, bytes: Buffer.from(bytes), origin }
      return { domain, source }
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Into a repository of its own, so that nothing of the checkout is touched, and no hook or configuration of it is followed. */
async function fetchCommit(folder: string, root: string, domain: DomainSource): Promise<void> {
  const local = resolve(root, domain.repository)
  const address = existsSync(local) ? local : domain.repository
  const run = (...args: readonly string[]) =>
    promisify(execFile)('git', ['-C', folder, ...args], {
      timeout: fetchTimeoutMs,
      env: { ...gitEnvironment(), GIT_TERMINAL_PROMPT: '0', GIT_ALLOW_PROTOCOL: 'file:https:ssh' },
    })
  try {
    await run('init', '--quiet')
    await run('fetch', '--quiet', '--depth=1', '--no-tags', '--', address, domain.commit)
  } catch (cause) {
    throw unavailable(domain, `commit ${domain.commit} cannot be fetched`, cause)
  }
}

function unavailable({ domain, line }: DomainSource, what: string, cause?: unknown): PortcullisError {
  return new PortcullisError('tool.failed', {
    message: `${manifestFile}:${line}: ${domain}: ${what}. Check repository and commit, and that git may read them.`,
    ...(cause === undefined ? {} : { cause }),
  })
}

/** Rules, shared code and the one layer of the domain. */
function belongs(path: string, domain: string): boolean {
  const isSource = path.endsWith('.rego') || path.endsWith('/data.json')
  return (
    (isSource && (path.startsWith(`rules/${domain}/`) || path.startsWith(`lib/${domain}/`))) ||
    path === `attachments/domain/${domain}/data.json`
  )
}
