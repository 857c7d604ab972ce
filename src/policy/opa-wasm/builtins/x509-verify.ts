/** Whether a chain of certificates holds, by the rules that Go's x509 package verifies with. What can't be judged here doesn't hold. */
import { X509Certificate } from 'node:crypto'
import { formatIp, parseIp } from './ip.ts'
import type { Certificate } from './x509-read.ts'

export type VerifyOptions = {
  /** Seconds since the epoch. */
  readonly time: number
  /** A host name or an IP address; empty: any. */
  readonly host: string
  /** Numbers of extended usages of which one must be allowed all the way. */
  readonly usages: readonly number[]
}

export const usage = { any: 0, serverAuth: 1 } as const

/** Bit of a key usage that may sign certificates. */
const certificateSigning = 1 << 5
const chainLengthMax = 10

/** The chain from the leaf to the root, or undefined. */
export function verifyChain(
  certificates: readonly Certificate[],
  options: VerifyOptions,
): readonly Certificate[] | undefined {
  const root = certificates[0]!
  const leaf = certificates.at(-1)!
  const intermediates = certificates.slice(1, -1)
  if (!isValidItself(leaf, options.time) || !matchesHost(leaf, options.host)) return undefined
  if (leaf.der.equals(root.der)) return fitsUsages([leaf], options.usages) ? [leaf] : undefined

  function extend(chain: readonly Certificate[]): readonly Certificate[] | undefined {
    if (chain.length > chainLengthMax) return undefined
    const last = chain.at(-1)!
    if (mayIssue(root, last, chain, options.time)) {
      const complete = [...chain, root]
      if (fitsUsages(complete, options.usages)) return complete
    }
    for (const candidate of intermediates) {
      if (chain.some((used) => used.subject.equals(candidate.subject) && samePublicKey(used, candidate))) continue
      if (!mayIssue(candidate, last, chain, options.time)) continue
      const found = extend([...chain, candidate])
      if (found !== undefined) return found
    }
    return undefined
  }

  return extend([leaf])
}

function isValidItself({ facts, notBefore, notAfter }: Certificate, time: number): boolean {
  return facts.unhandledCritical.length === 0 && time >= notBefore && time <= notAfter
}

function mayIssue(issuer: Certificate, subject: Certificate, chain: readonly Certificate[], time: number): boolean {
  const { facts } = issuer
  if (!issuer.subject.equals(subject.issuer) || !isValidItself(issuer, time)) return false
  // Certificates before version 3 have no way to say that they are an authority.
  if (issuer.version === 3 && !(facts.hasBasicConstraints && facts.isAuthority)) return false
  if (facts.hasBasicConstraints && !facts.isAuthority) return false
  if (facts.keyUsage !== 0 && (facts.keyUsage & certificateSigning) === 0) return false
  if (facts.pathLengthMax !== undefined && chain.length - 1 > facts.pathLengthMax) return false
  // Name constraints are not evaluated, so a chain through them is not trusted.
  return !facts.hasNameConstraints && isSignedBy(subject, issuer)
}

function isSignedBy(subject: Certificate, issuer: Certificate): boolean {
  try {
    return new X509Certificate(subject.der).verify(new X509Certificate(issuer.der).publicKey)
  } catch {
    return false
  }
}

function samePublicKey(a: Certificate, b: Certificate): boolean {
  return a.members.RawSubjectPublicKeyInfo === b.members.RawSubjectPublicKeyInfo
}

/** A certificate without extended usages allows all. */
function fitsUsages(chain: readonly Certificate[], wanted: readonly number[]): boolean {
  if (wanted.includes(usage.any)) return true
  return wanted.some((one) =>
    chain.every(({ facts: { extendedUsages, hasUnknownUsages } }) => {
      if (extendedUsages.length === 0 && !hasUnknownUsages) return true
      return extendedUsages.includes(usage.any) || extendedUsages.includes(one)
    }),
  )
}

function matchesHost({ facts }: Certificate, host: string): boolean {
  if (host === '') return true
  const address = parseIp(/^\[.*\]$/.test(host) ? host.slice(1, -1) : host)
  if (address !== undefined) return facts.names.ips.includes(formatIp(address))
  const name = host.toLowerCase().replace(/\.$/, '')
  return facts.names.dns.some((pattern) => matchesPattern(pattern.toLowerCase(), name))
}

/** `*` stands for the first label only. */
function matchesPattern(pattern: string, name: string): boolean {
  const [patternLabels, labels] = [pattern.split('.'), name.split('.')]
  if (patternLabels.length !== labels.length || labels.includes('')) return false
  return patternLabels.every((label, index) => label === labels[index] || (label === '*' && index === 0))
}
