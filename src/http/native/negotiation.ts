/** Which of the answers that can be given a client likes best (RFC 9110, 12.5): media types and content codings, with their weights. */

export type Coding = 'identity' | 'gzip' | 'br'

type Preference = { readonly name: string; readonly weight: number }

/** Picks the offer of the highest weight, the first of equals; undefined where none will do. */
export function chooseMediaType(accept: string, offered: readonly string[]): string | undefined {
  const ranges = preferencesOf(accept)
  const weightOf = (mediaType: string): number => {
    const [type] = mediaType.split('/')
    // the most specific range counts, not the best
    const forms = [mediaType, `${type}/*`, '*/*']
    const form = forms.find((one) => ranges.some(({ name }) => name === one))
    return ranges.find(({ name }) => name === form)?.weight ?? 0
  }
  return best(offered, weightOf)
}

/** Identity where nothing is said or nothing fits: a client that refuses even that gets it none the less. */
export function chooseCoding(acceptEncoding: string | undefined): Coding {
  if (acceptEncoding === undefined) return 'identity'
  const codings = preferencesOf(acceptEncoding)
  const named = (name: string) => codings.find((one) => one.name === name)?.weight
  const weights: Readonly<Record<Coding, number>> = {
    br: named('br') ?? named('*') ?? 0,
    gzip: named('gzip') ?? named('x-gzip') ?? named('*') ?? 0,
    // liked least of what is liked the same, but liked where nothing is said of it
    identity: named('identity') ?? Number.MIN_VALUE,
  }
  return best(['br', 'gzip', 'identity'] as const, (coding) => weights[coding]) ?? 'identity'
}

function best<Offer extends string>(offered: readonly Offer[], weightOf: (offer: Offer) => number): Offer | undefined {
  let chosen: Offer | undefined
  let highest = 0
  for (const offer of offered) {
    const weight = weightOf(offer)
    if (weight <= highest) continue
    highest = weight
    chosen = offer
  }
  return chosen
}

/** Parameters other than the weight are not looked at: what is offered has none. A weight that is none counts as 0. */
function preferencesOf(header: string): readonly Preference[] {
  return header.split(',').flatMap((element) => {
    const [name = '', ...parameters] = element.split(';').map((part) => part.trim().toLowerCase())
    if (name === '') return []
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2)
    return [{ name, weight: weight === undefined ? 1 : weightOf(weight) }]
  })
}

function weightOf(text: string): number {
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/u.test(text) ? Number(text) : 0
}
