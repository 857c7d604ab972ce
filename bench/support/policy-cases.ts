/** The records, rules and requests that the policy engine is measured on. */
import { readFileSync } from 'node:fs'
import type { LeafQuery } from '../../src/policy/policy-engine.ts'
import { hrFiles, readEmployees } from '../../test/e2e/hr-truth.ts'
import { hrAttachments, hrMetadata, query, user } from '../../test/policy/support/access.ts'
import { accessBundleFile, hrQuery } from '../../test/policy/support/hr.ts'
import { withRulesElsewhere } from '../../test/policy/support/many-rules.ts'
import type { Sources } from '../../test/policy/support/opa.ts'
import { bundleOf, roots as productRoots, productSources } from '../../test/policy/support/product-bundle.ts'
import { hrRules } from '../../test/policy/support/rego.ts'
import type { Employee, Rules } from './hand-written.ts'

const recordsCount = 100
const sizeMin = 3_500
const sizeMax = 3_800
const managed = 'Bob'

export type PolicyCase = {
  readonly name: string
  readonly bundle: Buffer
  readonly modules: Sources
  readonly asked: LeafQuery
  /** The same rules by other means. */
  readonly rules?: Rules
}

/** Employees of about 3.6 KB as JSON, each with its own ids in its manager tree; Bob manages every second. */
export async function recordsOfCases(): Promise<readonly Employee[]> {
  const all = (await readEmployees(hrFiles[0])) as readonly Employee[]
  const fitting = all.filter((employee) => {
    const { length } = JSON.stringify(employee)
    return length >= sizeMin && length <= sizeMax
  })
  if (fitting.length === 0) throw new Error('the HR example has no employee of this size any more')
  return Array.from({ length: recordsCount }, (_, index) => {
    const own = (id: string) => String((Number(id) + index) % 10 ** id.length).padStart(id.length, '0')
    const text = JSON.stringify(fitting[index % fitting.length]).replace(
      /"uid":"(\d+)"/g,
      (_match, id: string) => `"uid":"${own(id)}"`,
    )
    const employee = JSON.parse(text.replaceAll(`"uid":"${managed}"`, '"uid":"5000000000"')) as Record<string, unknown>
    const [first] = employee.manager as Record<string, unknown>[]
    if (index % 2 === 0) first!.uid = managed
    return employee
  })
}

const twoFields = {
  ...hrRules,
  'rules/hr/visible/visible.rego': `package rules.hr.visible

permit contains "grade" if input.record.grade != "SCS"

permit contains "self" if input.record.uid == input.user.id
`,
}

export function policyCases(): readonly PolicyCase[] {
  const product = { bundle: readFileSync(accessBundleFile), modules: regoOf(productSources()) }
  const asked = query(user(managed), 'SALARY')
  return [
    { name: 'HR policy: Alice, SALARY', ...product, asked: hrQuery('Alice', 'SALARY') },
    { name: 'HR policy: Bob, DUTY_OF_CARE', ...product, asked: hrQuery('Bob', 'DUTY_OF_CARE') },
    { name: 'HR policy: Eve', ...product, asked: hrQuery('Eve', '') },
    {
      name: 'rules that read two fields',
      ...composedOf(twoFields),
      asked,
      rules: 'two fields',
    },
    {
      name: 'rules that walk the manager tree',
      ...composedOf(hrRules),
      asked,
      rules: 'manager tree',
    },
  ]
}

/** These rules in the place of the product's, under its composition. */
function composedOf(rules: Sources): { readonly bundle: Buffer; readonly modules: Sources } {
  const composition = Object.entries(productSources()).filter(([path]) => /^(access|lib)\//.test(path))
  const data = JSON.stringify({ attachments: hrAttachments })
  const sources = { ...Object.fromEntries(composition), ...rules, 'data.json': data }
  return { bundle: bundleOf(sources, hrMetadata, productRoots), modules: regoOf(sources) }
}

/** The HR policy, and so many rules that are attached to other leaves. */
export function manyRules(count: number): PolicyCase {
  const { sources, metadata } = withRulesElsewhere(count)
  return {
    name: `HR policy: Bob, DUTY_OF_CARE; ${count} rules attached elsewhere`,
    bundle: bundleOf(sources, metadata, productRoots),
    modules: regoOf(sources),
    asked: hrQuery('Bob', 'DUTY_OF_CARE'),
  }
}

function regoOf(sources: Sources): Sources {
  return Object.fromEntries(
    Object.entries(sources).filter(([path]) => path.endsWith('.rego') && !path.endsWith('_test.rego')),
  )
}
