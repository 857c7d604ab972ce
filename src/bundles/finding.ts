/** What the check of access policies can find: each with a place and what to do about it. */

/** Code → what to do. */
export const policyFindings = {
  'source.unexpected': 'Keep only *.rego files and files named data.json below access, lib, rules and attachments.',
  'source.misplaced': 'Let the folder be the package: policies/lib/users/users.rego holds package lib.users.',
  'source.invalid': 'Correct the source; `opa check` and `opa fmt` show the same.',
  'source.unformatted': 'Format it: opa fmt --write policies opa-tests.',
  'rule.untested': 'Write tests in opa-tests/rules/<domain>/<name>/, one that permits and one that does not.',
  'rule.misplaced': 'Put each rule into its own package and file: policies/rules/<domain>/<name>/<name>.rego.',
  'rule.undocumented': 'Give the package a METADATA block with title, description and custom.code.',
  'rule.metadata_incomplete':
    'Give the package METADATA with title, description and custom.id, severity, scope, regulation and remedy, in the folder of its id.',
  'rule.export_unknown': 'Export permit, deny or mask only; begin the names of helpers with _.',
  'rule.export_not_set': 'Write it as a partial set: `deny contains reason if …`.',
  'rule.can_be_undefined':
    'Build the body from `not _helper` and `some x in [constants]` only: what is missing in the input must not hide a denial or a mask.',
  'rule.helper_not_total':
    'Declare `default _helper := false` (for a list of constants: a default that is the strictest list).',
  'rule.helper_always_holds':
    'Let the helper be true or false, as in `_helper if count(…) > 0`: a number, text, list or set is true, and so are 0 and the empty ones.',
  'rule.proof_by_absence':
    'Let a permit or a helper prove something positive: `f(x) == false` needs an x, `not f(x)` is true without one, and so is `count([…]) == 0`.',
  'rule.contract_unchecked':
    'Deny a leaf without a contract: `deny contains "…" if not _described`, `_described if is_array(input.resource.fields)`.',
  'reason.malformed': 'Give a dotted code in lower case, or {"code": "…", "title": "…"}.',
  'mask.malformed': 'See docs/writing-rules.md for the actions of masks and their parameters.',
  'fact.malformed': 'See docs/writing-rules.md for the forms of facts.',
  'fact.undeclared':
    'Declare the fact in custom.facts of this package and read it as input.facts["<domain>.<name>"].<fact>.',
  'attachment.misplaced':
    'Attach in policies/attachments/organisation, domain/<domain> or product/<product>: the folder is the layer.',
  'attachment.malformed':
    'Write a list of {"resource", "user", "resource_rules", "record_rules"}, each a list of ["domain", "name"].',
  'attachment.list_unknown': 'The lists are user, resource_rules and record_rules.',
  'attachment.layer_in_field': 'Remove the field and move the attachment: the folder is the layer.',
  'attachment.key_not_canonical': 'Write the resource id in canonical form, a folder with a slash at its end.',
  'attachment.key_literal': 'Write the folder with a slash at its end: it covers all below it.',
  'attachment.rule_missing': 'Add the rule, or attach one that exists.',
  'attachment.rule_ineffective': 'Attach a rule that masks in record_rules only: nothing else is masked.',
  'rule.unattached': 'Attach the rule, or remove it: as it is, it decides nothing.',
  'attachment.outside_prefix':
    'Attach below a prefix that policies/attachments/prefixes/data.json gives to this layer.',
  'manifest.malformed': 'See docs/products.md for policies.yaml: products, a list of folders, and domains.',
  'product.invalid': 'Correct the document; `portcullis check` shows the same, with the column.',
  'product.unnamed': 'Give the product a domain and a name of letters, digits, ., _ and -.',
  'product.conflict':
    'Attach a product in one place: in its own document, or by hand below policies/attachments/product.',
  'product.policy_missing':
    'Add accessPolicy to the port, with the package of a rule as in hr.bank_details; or take its resources away.',
  'product.policy_malformed':
    'Name a rule: accessPolicy: hr.bank_details, or {package: hr.bank_details, attach: [user, resource, record]}.',
  'product.resources_malformed': 'List canonical resource ids, as file:/data/hr/, or {id, object} of each.',
  'product.resource_twice': 'Let one port serve the resource: each leaf has one contract.',
  'contract.unresolved': 'Put one contract with that id into a folder of policies.yaml, and name it as contractId.',
  'contract.unusable': 'Give the schema of the contract one object with named fields for each resource.',
  'product.revision_older':
    'Check the product against the policies as they are, then name their revision as policyRevision.',
  'product.revision_unknown': 'Name a revision that `portcullis bundle log` lists.',
  'domain.outside':
    'Keep what a domain brings below policies/rules/<domain>, policies/lib/<domain> and policies/attachments/domain/<domain>.',
  'domain.conflict': 'Keep the file in one place: here, or in the repository of the domain.',
  'domain.unpinned': 'Pin the repository by the full hash of a commit: git rev-parse HEAD.',
} as const

export type PolicyFindingCode = keyof typeof policyFindings

const warnings: ReadonlySet<PolicyFindingCode> = new Set([
  'attachment.key_literal',
  'rule.unattached',
  'product.revision_older',
  'product.revision_unknown',
])

/** A warning is said and forbids nothing. */
export function isWarning({ code }: PolicyFinding): boolean {
  return warnings.has(code)
}

export type PolicyFinding = {
  readonly code: PolicyFindingCode
  /** Relative to the root of the checkout. */
  readonly file: string
  /** From 1. */
  readonly line: number
  readonly message: string
}

export function byPlace(left: PolicyFinding, right: PolicyFinding): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1
  return left.line - right.line
}

/** One finding as text: where, what, and what to do. */
export function describe({ code, file, line, message }: PolicyFinding): string {
  return `${file}:${line}: ${code}: ${message}\n    ${policyFindings[code]}`
}
