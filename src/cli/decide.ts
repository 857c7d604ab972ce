/** `portcullis decide`: one decision as the engine makes it, with the rules that made it. */
import { Command } from 'commander'
import type { Explanation } from '../app/explain.ts'
import { type DecisionOptions, questionOf, withDecisionOptions } from './decision-options.ts'
import { decisionText, disagreement } from './decision-text.ts'

export function decideCommand(): Command {
  return withDecisionOptions(
    new Command('decide').description(
      'make one decision: exit code 0 where it permits, 1 where it denies, 2 where none could be made',
    ),
  ).action(async (options: DecisionOptions) => {
    const { desk, question } = await questionOf(options, Date.now())
    const explanation = desk.explainer.explain(question)
    if (options.format === 'json') process.stdout.write(`${JSON.stringify(decisionJson(explanation), undefined, 2)}\n`)
    else process.stdout.write(decisionText(question, explanation))
    warn(explanation)
    if (!explanation.allow) process.exitCode = 1
  })
}

export function warn(explanation: Explanation): void {
  const warning = disagreement(explanation)
  if (warning !== undefined) process.stderr.write(`portcullis: ${warning}\n`)
}

/** `masks` is absent where the record decides and was not given: `dependsOn` says by what. */
export function decisionJson({ allow, revision, masks, stages, dependsOn }: Explanation) {
  const { stage, reasons } = stages.at(-1)!
  const fired = stages.flatMap(({ stage: name, outcomes }) =>
    outcomes
      .filter(({ value }) => value !== undefined)
      .map(({ rule, kind, place, title, value }) => ({ stage: name, rule, kind, place, title, value })),
  )
  return {
    decision: allow ? 'permit' : 'deny',
    revision,
    stage,
    reasons,
    ...(masks === undefined ? { dependsOn } : { masks: masks.map(({ mask }) => mask) }),
    fired,
  }
}
