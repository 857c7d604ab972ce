/** `portcullis explain`: one decision with the conditions that led to it, and the smallest change that would turn it; or one rule for data products. */
import { Command } from 'commander'
import { PortcullisError } from '../domain/errors.ts'
import { decisionJson, warn } from './decide.ts'
import { type DecisionOptions, questionOf, withDecisionOptions } from './decision-options.ts'
import { decisionText, flipsText, whyText } from './decision-text.ts'

export function explainCommand(): Command {
  return withDecisionOptions(
    new Command('explain')
      .argument('[rule]', 'a rule of portcullis check, such as OWN-01')
      .description(
        'say why a decision is what it is, and what would change it; or what a rule of portcullis check asks for',
      ),
  ).action(async (rule: string | undefined, options: DecisionOptions) => {
    if (rule !== undefined) return await explainOne(rule)
    const { fieldsOfRules, searchFlips, vocabularyOf } = await import('../app/explain.ts')
    const { desk, question } = await questionOf(options, Date.now())
    const { explainer, users } = desk
    const explanation = explainer.explain(question)
    const rules = fieldsOfRules(explainer.plan, explainer.data)
    const search = searchFlips(explainer.decide, question, vocabularyOf(rules, users))
    if (options.format === 'json') {
      const { stages } = explanation
      process.stdout.write(`${JSON.stringify({ ...decisionJson(explanation), stages, search }, undefined, 2)}\n`)
    } else
      process.stdout.write(
        [decisionText(question, explanation), whyText(explanation), flipsText(search)].filter(Boolean).join('\n'),
      )
    warn(explanation)
    if (!explanation.allow) process.exitCode = 1
  })
}

async function explainOne(id: string): Promise<void> {
  const [{ explainRule }, { loadDataproductRules }] = await Promise.all([
    import('../dataproduct/explain-rule.ts'),
    import('../app/dataproduct-policy.ts'),
  ])
  const words = explainRule(id, loadDataproductRules())
  if (words === undefined)
    throw new PortcullisError('config.invalid', {
      message: `There is no rule ${id}. portcullis rules lists them; access rules are told by a decision: --user, --resource, --purpose.`,
    })
  process.stdout.write(words.endsWith('\n') ? words : `${words}\n`)
}
