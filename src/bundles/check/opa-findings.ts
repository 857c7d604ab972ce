/** What OPA itself says of the sources: syntax, types against the schemas of the inputs, built-ins that access rules may not call. */
import { PortcullisError } from '../../domain/errors.ts'
import type { PolicyFinding } from '../finding.ts'
import type { Opa, OpaResult } from '../opa.ts'
import { schemasFolder } from '../schemas.ts'
import type { Source } from '../sources.ts'
import { capabilitiesFile } from '../stage.ts'
import type { ParsedSource } from './check-rule.ts'
import type { Module } from './syntax.ts'

type OpaError = { readonly message?: string; readonly location?: { readonly file?: string; readonly row?: number } }

export type Parsed =
  | { readonly ok: true; readonly source: ParsedSource }
  | { readonly ok: false; readonly findings: readonly PolicyFinding[] }

export async function parseSource(opa: Opa, { path, file }: Source, staged: string): Promise<Parsed> {
  const result = await opa.run(['parse', '--format', 'json', '--json-include', 'locations,-comments', path], {
    cwd: staged,
  })
  if (!result.ok) return { ok: false, findings: findingsOf(result, new Map([[path, file]]), file) }
  return { ok: true, source: { path, file, module: JSON.parse(result.stdout) as Module } }
}

/** `opa check --strict` with the schemas of the inputs and the capabilities of access rules. */
export async function compileFindings(
  opa: Opa,
  sources: readonly Source[],
  staged: string,
): Promise<readonly PolicyFinding[]> {
  const result = await opa.run(
    [
      'check',
      '--strict',
      '--format',
      'json',
      '--schema',
      `../${schemasFolder}`,
      '--capabilities',
      `../${capabilitiesFile}`,
      '--bundle',
      '.',
    ],
    { cwd: staged },
  )
  if (result.ok) return []
  return findingsOf(result, new Map(sources.map(({ path, file }) => [path, file])), 'policies')
}

function findingsOf(
  { stdout, stderr }: OpaResult,
  files: ReadonlyMap<string, string>,
  otherwise: string,
): readonly PolicyFinding[] {
  const errors = errorsIn(stderr) ?? errorsIn(stdout)
  if (errors === undefined)
    throw new PortcullisError('tool.failed', { message: `opa: ${stderr.trim() || 'it failed and did not say why'}` })
  return errors.map(({ message = 'OPA refuses this.', location }) => ({
    code: 'source.invalid' as const,
    file: files.get(location?.file?.replace(/^\//, '') ?? '') ?? otherwise,
    line: Math.max(1, location?.row ?? 1),
    message: message.split('\n', 1)[0]!,
  }))
}

function errorsIn(text: string): readonly OpaError[] | undefined {
  try {
    const { errors } = JSON.parse(text) as { readonly errors?: readonly OpaError[] }
    return Array.isArray(errors) && errors.length > 0 ? errors : undefined
  } catch {
    return undefined
  }
}
