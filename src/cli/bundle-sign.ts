/** `portcullis bundle sign`, and `bundle verify <file>` against a key: signatures as OPA makes and takes them. */
import { readFile, rename, writeFile } from 'node:fs/promises'
import { Command, Option } from 'commander'
import { type SigningAlgorithm, signBundle, signingAlgorithms } from '../bundles/signature/sign.ts'
import { verifyBundle } from '../bundles/signature/verify.ts'
import { PortcullisError } from '../domain/errors.ts'

export type KeyOptions = {
  readonly key: string
  readonly algorithm: SigningAlgorithm
  readonly keyId: string
  readonly scope?: string
}

export function withKey(command: Command, which: string): Command {
  return command
    .option('--key <file>', `the ${which} key in PEM`)
    .addOption(new Option('--algorithm <algorithm>', 'of the signature').choices(signingAlgorithms).default('RS256'))
    .option('--key-id <id>', 'the name under which readers know the key', 'default')
    .option('--scope <scope>', 'the scope of the signature')
}

export function signCommand(): Command {
  const command = new Command('sign')
    .description('sign a bundle, so that every OPA that has the public key can verify it')
    .argument('<bundle>', 'a bundle: a .tar.gz')
    .option('--out <file>', 'where to write the signed bundle, instead of over the unsigned one')
  return withKey(command, 'private').action(async (file: string, options: KeyOptions & { readonly out?: string }) => {
    if (options.key === undefined)
      throw new PortcullisError('config.invalid', { message: 'Name the private key with --key.' })
    const signed = await signBundle(await readFile(file), {
      privateKey: await readFile(options.key, 'utf8'),
      algorithm: options.algorithm,
      keyId: options.keyId,
      ...(options.scope === undefined ? {} : { scope: options.scope }),
      now: Date.now(),
    })
    const out = options.out ?? file
    // whole or not at all: a server may be watching
    await writeFile(`${out}.${process.pid}`, signed)
    await rename(`${out}.${process.pid}`, out)
    process.stdout.write(
      `${out}: signed with ${options.algorithm} by the key ${options.keyId}, ${signed.length} bytes\n`,
    )
  })
}

/** Exit code 1 where the signature is not one by the key, or files are not those that were signed. */
export async function verifySignature(file: string, options: KeyOptions): Promise<void> {
  const key = {
    algorithm: options.algorithm,
    publicKey: await readFile(options.key, 'utf8'),
    ...(options.scope === undefined ? {} : { scope: options.scope }),
  }
  try {
    await verifyBundle(await readFile(file), { keys: { [options.keyId]: key } }, Date.now())
    process.stdout.write(`${file}: signed by the key ${options.keyId}, and unchanged since\n`)
  } catch (thrown) {
    if (!(thrown instanceof PortcullisError && thrown.code.startsWith('bundle.'))) throw thrown
    process.stdout.write(`${file}: ${thrown.message}\n`)
    process.exitCode = 1
  }
}
