/** Rules whose answers a test sets through the user's attributes, in a bundle built as ours are, over attachments that the test gives. */
import { buildAccess } from '../../../src/bundles/build-access.ts'
import { type Answer, createAsker } from './ask.ts'
import { createCheckout, pinnedOpa, rulePath, ruleText } from './checkout.ts'

/** Name → what the rule does; `permits` and `denies` by an attribute of the same name, which a test switches. */
export const layeredRules = {
  'test.permits_a': 'permit',
  'test.permits_b': 'permit',
  'test.denies_a': 'deny',
  'test.denies_b': 'deny',
  'test.masks_a': 'mask',
  'test.masks_b': 'mask',
  'test.masks_c': 'mask',
} as const
export type LayeredRule = keyof typeof layeredRules

function bodyOf(id: string, kind: 'permit' | 'deny' | 'mask'): string {
  const switched = `input.user.attributes.${id.slice('test.'.length)} == true`
  if (kind === 'permit') return `permit contains "${id}" if ${switched}`
  const head = kind === 'deny' ? `"${id}"` : `{"path": "/${id}", "action": "null"}`
  return `${kind} contains ${head} if not _quiet\n\ndefault _quiet := false\n\n_quiet if ${switched}`
}

export type Layered = {
  /** What the entrypoint answers over these attachments. */
  ask(entrypoint: string, attachments: unknown, input: unknown): Answer
}

/** Rules are in the WASM; which are attached is data, which is replaced for each question. */
export async function createLayered(): Promise<Layered> {
  const rules = Object.entries(layeredRules).map(([id, kind]) => [rulePath(id), ruleText(id, bodyOf(id, kind))])
  await using checkout = await createCheckout(Object.fromEntries(rules))
  const { bundles, findings } = await buildAccess(await pinnedOpa(), checkout.path)
  if (bundles[0] === undefined) throw new Error(findings.map(({ code, message }) => `${code} ${message}`).join('\n'))
  const asker = createAsker(bundles[0].bytes)
  return {
    ask(entrypoint, attachments, input) {
      asker.setData(JSON.stringify(attachments === undefined ? {} : { attachments }))
      return asker.ask(entrypoint, input)
    },
  }
}
