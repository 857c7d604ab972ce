/** A real `portcullis serve` as a child process, from the sources, with a configuration of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTempFolder } from './temp-folder.ts'

export const repositoryFolder = fileURLToPath(new URL('../..', import.meta.url))
export const hrDataFolder = join(repositoryFolder, 'examples/hr/data')
export const accessBundle = join(repositoryFolder, 'bundles/access.tar.gz')

export type PortcullisProcess = AsyncDisposable & {
  readonly url: string
  readonly pid: number
  /** Everything it wrote to standard error so far: its log. */
  log(): string
  /** SIGTERM, and its exit code. */
  stop(): Promise<number | null>
  kill(): Promise<void>
}

export type PortcullisOptions = {
  readonly config: string
  readonly services?: readonly string[]
  readonly listen?: string
  readonly env?: Readonly<Record<string, string>>
  /** `dist/` instead of the sources: for benchmarks. */
  readonly built?: boolean
}

const startTimeoutMs = 30_000

export async function startPortcullis(options: PortcullisOptions): Promise<PortcullisProcess> {
  const program =
    options.built === true
      ? [join(repositoryFolder, 'bin/portcullis')]
      : ['--import', 'tsx', join(repositoryFolder, 'src/cli/main.ts')]
  const args = [
    ...program,
    'serve',
    '--config',
    options.config,
    '--listen',
    options.listen ?? '127.0.0.1:0',
    ...(options.services === undefined ? [] : ['--services', options.services.join(',')]),
  ]
  const child = spawn(process.execPath, args, {
    cwd: repositoryFolder,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log += text
  })
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const gone = once(child, 'exit').then(() => void process.off('exit', killWithUs))
  const url = await urlOf(child, () => log)
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await gone
  }
  return {
    url,
    pid: child.pid!,
    log: () => log,
    async stop() {
      await end('SIGTERM')
      return child.exitCode
    },
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: () => end('SIGTERM'),
  }
}

function urlOf(child: ChildProcess, log: () => string): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      reject(new Error(`portcullis did not start within ${startTimeoutMs} ms:\n${log()}`))
    }, startTimeoutMs)
    child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      output += text
      const url = output.match(/ on (http:\/\/\S+)/u)?.[1]
      if (url === undefined) return
      clearTimeout(timer)
      resolve(url)
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`portcullis ended with ${code}:\n${log()}`))
    })
  })
}

export type ConfigOptions = {
  readonly kafkaBrokers?: readonly string[]
  readonly redisUrl?: string
  /** Keeps systems that share a broker or a store apart. */
  readonly prefix?: string
  readonly dataFolder?: string
  readonly tokensFolder?: string
  readonly usersFile?: string
  readonly bundle?: string
  /** Merged over the rest, top-level keys whole. */
  readonly changes?: Readonly<Record<string, unknown>>
}

/** Writes a configuration of the HR example into `folder`; its audit log is `folder`/audit. */
export async function writeHrConfig(folder: string, options: ConfigOptions = {}): Promise<string> {
  const prefix = options.prefix ?? ''
  const config = {
    listen: '127.0.0.1:0',
    authentication: { kind: 'none' },
    policy: { bundle: options.bundle ?? accessBundle },
    directory: { kind: 'file', file: options.usersFile ?? join(repositoryFolder, 'examples/hr/users.yaml') },
    catalogue: {
      roots: [
        {
          id: 'file:/data/hr/',
          folder: options.dataFolder ?? hrDataFolder,
          types: [
            {
              suffix: '.avro',
              mediaType: 'avro/binary',
              recordType: 'uk.gov.gchq.syntheticdatagenerator.types.Employee',
            },
            { suffix: '.ndjson', mediaType: 'application/x-ndjson', recordType: 'Employee' },
            { suffix: '.json', mediaType: 'application/json', recordType: 'Employee' },
            { suffix: '.txt', mediaType: 'text/plain', recordType: 'line' },
          ],
        },
      ],
    },
    bus:
      options.kafkaBrokers === undefined
        ? { kind: 'embedded' }
        : { kind: 'kafka', brokers: options.kafkaBrokers.join(','), topicPrefix: prefix },
    tokens:
      options.redisUrl === undefined
        ? { kind: 'embedded', ...(options.tokensFolder === undefined ? {} : { folder: options.tokensFolder }) }
        : { kind: 'redis', url: options.redisUrl, keyPrefix: prefix },
    audit: { folder: join(folder, 'audit') },
    log: { level: 'info' },
    ...options.changes,
  }
  const file = join(folder, 'portcullis.json')
  await writeFile(file, JSON.stringify(config, undefined, 2))
  return file
}

/** A configuration in a temporary folder, and a server on it. */
export async function startHrPortcullis(
  options: ConfigOptions & Omit<PortcullisOptions, 'config'> = {},
): Promise<PortcullisProcess & { readonly folder: string }> {
  const folder = await createTempFolder('portcullis')
  const server = await startPortcullis({ ...options, config: await writeHrConfig(folder.path, options) })
  return {
    ...server,
    folder: folder.path,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}
