/** `portcullis bundle`: builds the policies of a checkout, and says whether what is committed equals a fresh build. */
import { resolve } from 'node:path'
import { Command } from 'commander'
import { buildBundles } from '../bundles/build-dataproduct.ts'
import { type BuiltFolder, compareFolders, foldersOf, writeFolders } from '../bundles/bundle-folder.ts'
import { describe, isWarning } from '../bundles/finding.ts'
import { findOpa } from '../bundles/opa.ts'
import { PortcullisError } from '../domain/errors.ts'
import { historyCommands } from './bundle-history.ts'
import { type KeyOptions, signCommand, verifySignature, withKey } from './bundle-sign.ts'

type Options = { readonly root: string; readonly out?: string; readonly opa?: string }

export function bundleCommand(): Command {
  const command = new Command('bundle').description(
    'build policies/ into bundles/ and schemas/, and compare (needs OPA)',
  )
  withPlaces(
    command.command('build').description('check and compile policies/, and write bundles/ and schemas/'),
  ).action(async (options: Options) => {
    const built = await fresh(options)
    if (built === undefined) return
    await writeFolders(outputOf(options), built)
    for (const { folder, files } of built)
      for (const [name, bytes] of files) process.stdout.write(`${folder}/${name}: ${bytes.length} bytes\n`)
  })
  withKey(
    withPlaces(
      command
        .command('verify')
        .argument('[bundle]', 'with --key: a bundle whose signature is to be verified')
        .description('build anew and compare, or verify a signature: exit code 1 where something differs'),
    ),
    'public',
  ).action(async (bundle: string | undefined, options: Options & KeyOptions) => {
    if (bundle !== undefined && options.key !== undefined) return verifySignature(bundle, options)
    if (bundle !== undefined || options.key !== undefined)
      throw new PortcullisError('config.invalid', {
        message:
          'A signature is verified with a bundle and --key; without both, bundles/ is compared with a fresh build.',
      })
    const built = await fresh(options)
    if (built === undefined) return
    const differences = await compareFolders(outputOf(options), built)
    for (const { file, what } of differences)
      process.stdout.write(`${file}: ${what}; build it with: portcullis bundle build\n`)
    if (differences.length > 0) process.exitCode = 1
    else process.stdout.write(`${built.map(({ folder }) => folder).join(', ')}: equal to a fresh build\n`)
  })
  for (const part of [signCommand(), ...historyCommands()]) command.addCommand(part)
  return command
}

function withPlaces(command: Command): Command {
  return command
    .option('--root <folder>', 'root of the checkout', '.')
    .option('--out <folder>', 'where the built folders lie, instead of the root')
    .option('--opa <program>', 'OPA, where it is not found by itself')
}

function outputOf({ root, out = root }: Options): string {
  return resolve(out)
}

/** undefined: something forbids a build, which has been said. */
async function fresh({ root, opa: explicit }: Options): Promise<readonly BuiltFolder[] | undefined> {
  const opa = await findOpa({ explicit, environment: process.env.OPA, root: resolve(root) })
  const { findings, bundles } = await buildBundles(opa, resolve(root))
  for (const finding of findings) process.stderr.write(`${isWarning(finding) ? 'warning: ' : ''}${describe(finding)}\n`)
  if (bundles.length > 0) return foldersOf(bundles, opa.version)
  process.stderr.write(
    `portcullis: nothing was built: ${findings.filter((finding) => !isWarning(finding)).length} findings\n`,
  )
  process.exitCode = 1
  return undefined
}
