/** What was proved of one read, for others: a proof holds wherever all is the same that was looked at when it was made. */
import { createLatest } from '../../domain/latest.ts'

/** Of the members that differ from read to read: whether they were looked at. */
export type Looks = { resource: boolean; now: boolean }

/** In JSON. `shared` has everything else that a proof can look at. */
export type ReadKey = { readonly shared: string; readonly resource: string; readonly now: string }

export type Proofs<Proof> = {
  /** `prove` says by `onLook` what it looks at, before it does; what throws is not remembered. */
  of(key: ReadKey, prove: (onLook: (at: keyof Looks) => void) => Proof): Proof
}

/** Proofs remembered. */
export const proofsMax = 512
/** Characters of a key up to which its proof is remembered. */
export const keyLengthMax = 16_384

const combinations: readonly Looks[] = [
  { resource: false, now: false },
  { resource: true, now: false },
  { resource: false, now: true },
  { resource: true, now: true },
]

export function createProofs<Proof>(): Proofs<Proof> {
  const proofs = createLatest<{ readonly proof: Proof }>(proofsMax)
  return {
    of(key, prove) {
      for (const looks of combinations) {
        const known = proofs.get(nameOf(key, looks))
        if (known !== undefined) return known.proof
      }
      const looks: Looks = { resource: false, now: false }
      const proof = prove((at) => {
        looks[at] = true
      })
      const name = nameOf(key, looks)
      if (name.length <= keyLengthMax) proofs.set(name, { proof })
      return proof
    },
  }
}

/** All parts are JSON, which holds no NUL, so that none can be taken for another. */
function nameOf({ shared, resource, now }: ReadKey, looks: Looks): string {
  return `${looks.resource ? resource : ''}\0${looks.now ? now : ''}\0${shared}`
}
