/** PEM blocks as Go's encoding/pem finds them. */

export type PemBlock = { readonly type: string; readonly bytes: Buffer }

const blockSyntax =
  /^-----BEGIN ([^\r\n]*?)-----[ \t]*\r?\n((?:[^\r\n:]+:[^\r\n]*\r?\n)*)(?:[ \t]*\r?\n)*([A-Za-z0-9+/=\s]*?)-----END \1-----[ \t]*(?:\r?\n|$)/m

/** The first block and what follows it; text before it is skipped. */
export function decodePem(text: string): { readonly block: PemBlock; readonly rest: string } | undefined {
  const found = blockSyntax.exec(text)
  if (found === null) return undefined
  const base64 = found[3]!.replace(/\s/g, '')
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(base64)) return undefined
  return {
    block: { type: found[1]!, bytes: Buffer.from(base64, 'base64') },
    rest: text.slice(found.index + found[0].length),
  }
}

export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks: PemBlock[] = []
  for (let next = decodePem(text); next !== undefined; next = decodePem(next.rest)) blocks.push(next.block)
  return blocks
}
