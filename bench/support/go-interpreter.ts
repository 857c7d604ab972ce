/** OPA's interpreter in Go on the same rules, in a process of its own: bench/support/go, built with the OPA that tools/go.mod pins. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Sources } from '../../test/policy/support/opa.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const megabyte = 1_048_576

export type Job = {
  readonly modules: Sources
  readonly data: object
  readonly query: string
  readonly inputs: readonly object[]
  readonly rounds: number
  readonly decisions: number
}

export type GoFigures = { readonly min: number; readonly p50: number; readonly allowed: readonly boolean[] }

export type GoInterpreter = Disposable & { measure(job: Job): GoFigures }

/** Undefined where there is no Go. */
export function buildGoInterpreter(): GoInterpreter | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-'))
  const program = join(folder, 'interpreter')
  try {
    const go = execFileSync(join(root, 'tools/ensure'), ['go'], { encoding: 'utf8' }).trim()
    execFileSync(go, ['build', '-C', join(root, 'tools'), '-o', program, join(root, 'bench/support/go/main.go')])
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    console.error(`without Go's interpreter: ${String(error)}`)
    return undefined
  }
  return {
    measure: (job) =>
      JSON.parse(
        execFileSync(program, { input: JSON.stringify(job), encoding: 'utf8', maxBuffer: megabyte }),
      ) as GoFigures,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
