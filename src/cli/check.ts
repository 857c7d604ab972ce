/** `portcullis check`: data products and contracts against the policies, for people and for CI. */
import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, InvalidArgumentError, Option } from 'commander'
import { exitCodeOf, type FailOn, failOnLevels } from '../dataproduct/report.ts'
import { isReportFormat, type ReportFormat, reportFormats } from '../dataproduct/reports/report-format.ts'
import { PortcullisError } from '../domain/errors.ts'

type Options = {
  readonly format: readonly FormatChoice[]
  readonly output?: string
  readonly base?: string
  readonly failOn: FailOn
  readonly policy?: string
  readonly data?: readonly string[]
  readonly waivers?: readonly string[]
  readonly online?: boolean
  readonly allowHost?: readonly string[]
  readonly allowHttp?: boolean
  readonly emitInput?: string
  readonly color: boolean
}
type FormatChoice = { readonly format: ReportFormat; readonly file?: string }

const defaultWidth = 100

export function checkCommand(): Command {
  return new Command('check')
    .description('check data products and contracts: exit code 0 in order, 1 findings, 2 could not check')
    .argument('[paths...]', 'files, and folders of which every .yaml, .yml and .json is looked at', ['.'])
    .addOption(
      new Option('--format <format[=file]>', `${Object.keys(reportFormats).join(', ')}; several, each with a file`)
        .argParser(addFormat)
        .default([], 'text'),
    )
    .option('--output <file>', 'write the report there instead of printing it')
    .option('--base <git ref>', 'compare with this revision: breaking and weakening changes')
    .addOption(
      new Option('--fail-on <severity>', 'exit code 1 from this severity on').choices(failOnLevels).default('error'),
    )
    .option('--policy <bundle>', 'a bundle of rules instead of the one that comes with portcullis')
    .option(
      '--data <folder>',
      'data over that of the bundle (vocabulary, thresholds), as <folder>/dataproduct/…/data.json',
      add,
    )
    .option('--waivers <file>', 'waivers beside those in the paths', add)
    .option('--online', "ask the products' control ports too")
    .option('--allow-host <host[:port]>', 'a control port that may be asked', add)
    .option('--allow-http', 'ask control ports on this machine over plain HTTP')
    .option('--emit-input <folder>', 'write what the rules see as JSON, to run conftest or opa on')
    .option('--no-color', 'no colours, even on a terminal')
    .action(run)
}

async function run(paths: readonly string[], options: Options): Promise<void> {
  const [{ checkTree }, { loadDataproductPolicy }, { findRepository }] = await Promise.all([
    import('../dataproduct/check.ts'),
    import('../app/dataproduct-policy.ts'),
    import('../dataproduct/repository.ts'),
  ])
  const outputs = options.format.length === 0 ? [{ format: 'text' as const }] : options.format
  refuseSamePlace(outputs, options.output)
  const cwd = realpathSync(process.cwd())
  const repository = findRepository(cwd)
  if (options.base !== undefined && repository === undefined)
    throw new PortcullisError('tool.failed', { message: '--base: this is not in a git repository.' })
  const { policy: bundle, data: dataFolders = [] } = options
  const policy = loadDataproductPolicy({ ...(bundle === undefined ? {} : { bundle }), dataFolders })
  const { createProgress } = await import('./progress.ts')
  const progress = createProgress(process.stderr, Date.now)
  const checked = await checkTree({
    paths,
    cwd,
    root: repository ?? cwd,
    ...policy,
    ...(options.base === undefined ? {} : { base: options.base }),
    waivers: options.waivers ?? [],
    ...(options.online === true ? { controlPorts: await controlPorts(options) } : {}),
    now: Date.now(),
    onProgress: progress.show,
  })
  progress.clear()
  if (options.emitInput !== undefined) {
    const { emitInput } = await import('../dataproduct/emit-input.ts')
    await emitInput(resolve(options.emitInput), checked)
  }
  const { writeReports } = await import('./write-reports.ts')
  // before anything is printed: a reader who goes away must not make findings a success
  process.exitCode = exitCodeOf(checked.report, options.failOn)
  await writeReports(checked.report, outputs, {
    root: repository ?? cwd,
    failOn: options.failOn,
    color: options.color,
    width: process.stdout.columns ?? defaultWidth,
    ...(options.output === undefined ? {} : { output: options.output }),
  })
}

/** Of two reports in one place, none could be read. */
function refuseSamePlace(outputs: readonly FormatChoice[], output: string | undefined): void {
  const places = outputs.map(({ file = output }) => (file === undefined ? 'standard output' : resolve(file)))
  const twice = places.find((place, index) => places.indexOf(place) !== index)
  if (twice !== undefined)
    throw new PortcullisError('config.invalid', {
      message: `--format: two reports would be written to ${twice}. Give each a file of its own, as in --format sarif=check.sarif.`,
    })
}

async function controlPorts({ allowHost = [], allowHttp = false }: Options) {
  const { createControlPorts } = await import('../dataproduct/control-port.ts')
  return createControlPorts({ allowHosts: allowHost, allowHttp })
}

function add(value: string, former: readonly string[] = []): readonly string[] {
  return [...former, value]
}

function addFormat(value: string, former: readonly FormatChoice[]): readonly FormatChoice[] {
  const at = value.indexOf('=')
  const format = at === -1 ? value : value.slice(0, at)
  if (!isReportFormat(format)) throw new InvalidArgumentError(`Allowed are ${Object.keys(reportFormats).join(', ')}.`)
  return [...former, at === -1 ? { format } : { format, file: value.slice(at + 1) }]
}
