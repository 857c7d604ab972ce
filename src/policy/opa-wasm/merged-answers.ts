/** What an answer about a record says: permitted or not, and the masks merged. The same for all reads of one engine, so that many small reads cost it once. */
import type { Mask } from '../../domain/decision.ts'
import { createLatest } from '../../domain/latest.ts'
import { type MaskRules, recordAnswerOf } from './decision-text.ts'
import { printJson } from './json-text.ts'
import type { Rule, RuleName } from './rules.ts'

/** Answers remembered. */
export const answersMax = 256
/** Characters of an answer up to which it is remembered. */
export const answerLengthMax = 16_384

/** `key` is the same for the same masks. `undefined`: the record is dropped. */
export type MergedAnswer = { readonly masks: readonly Mask[]; readonly key: string } | undefined

/** @throws policy.result_invalid, mask.malformed of an answer; such a one is not remembered */
export type MergedAnswers = (text: string) => MergedAnswer

export function createMergedAnswers(rules: ReadonlyMap<RuleName, Rule>, masks: MaskRules): MergedAnswers {
  const known = createLatest<{ readonly answer: MergedAnswer }>(answersMax)

  function answerOf(text: string): MergedAnswer {
    const answer = recordAnswerOf(text, rules)
    if (!answer.allow) return undefined
    const merged = masks.merge(answer.masks.map(masks.parse))
    return { masks: merged, key: printJson(merged) }
  }

  return (text) => {
    const entry = known.get(text)
    if (entry !== undefined) return entry.answer
    const answer = answerOf(text)
    if (text.length <= answerLengthMax) known.set(text, { answer })
    return answer
  }
}
