/** A small policy for tests of the check itself, built by the real build: one rule of each scope and severity, and one that fails when it is asked to. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { loadDataproductPolicy } from '../../../src/app/dataproduct-policy.ts'
import { buildDataproduct } from '../../../src/bundles/build-dataproduct.ts'
import { findOpa, type Opa } from '../../../src/bundles/opa.ts'
import { ensureTool } from '../../support/ensure-tool.ts'
import { repositoryFolder } from '../../support/portcullis-process.ts'
import { createTempFolder } from '../../support/temp-folder.ts'

const main = `package dataproduct

findings contains finding if {
	some name
	found := data.dataproduct.rules[name].deny[_]
	meta := data.dataproduct.rules[name].meta
	finding := object.union(found, object.union(meta, {"message": found.msg}))
}

report := {"rules": outcomes, "findings": [finding | some finding in findings]}

outcomes[data.dataproduct.rules[name].meta.rule] := _outcome(data.dataproduct.rules[name]) if some name

_outcome(rule) := "failed" if {
	count(rule.deny) > 0
} else := "passed" if {
	rule.applies
} else := "notEvaluated"

validation := {"valid": count(deny) == 0, "errors": [e | some e in deny]}

deny contains finding if {
	some finding in findings
	finding.severity in {"critical", "error"}
}

warn contains finding if {
	some finding in findings
	not finding.severity in {"critical", "error"}
}
`

type TestRule = { readonly id: string; readonly severity: string; readonly scope: string; readonly body: string }

const contract = 'input.kind == "DataContract"'

const testRules: readonly TestRule[] = [
  {
    id: 'OWN-01',
    severity: 'error',
    scope: 'document',
    body: `applies if input.kind in {"DataContract", "DataProduct"}
deny contains {"path": ["team", "members"], "msg": "Nobody is the owner."} if {
	applies
	not input.team
}`,
  },
  {
    id: 'CLS-01',
    severity: 'error',
    scope: 'document',
    body: `applies if ${contract}
deny contains {"path": ["schema", i, "properties", j, "name"], "msg": sprintf("%s has no classification.", [field.name])} if {
	some i, object in input.schema
	some j, field in object.properties
	not field.classification
}`,
  },
  {
    id: 'DES-01',
    severity: 'warning',
    scope: 'document',
    body: `applies if ${contract}
deny contains {"path": ["description"], "msg": "There is no purpose."} if {
	applies
	not input.description.purpose
}`,
  },
  {
    id: 'SEC-01',
    severity: 'critical',
    scope: 'document',
    body: `applies if ${contract}
deny contains {"path": ["servers", i, "password"], "msg": "A secret stands in the file."} if {
	some i, server in input.servers
	server.password
}`,
  },
  {
    id: 'REF-01',
    severity: 'error',
    scope: 'tree',
    body: `applies if is_array(input)
deny contains {"file": item.path, "path": ["outputPorts", i, "contractId"], "msg": "There is no such contract.", "related": [{"path": ["id"], "message": "the product"}]} if {
	some item in input
	some i, port in item.contents.outputPorts
	not port.contractId in {other.contents.id | some other in input; other.contents.kind == "DataContract"}
}`,
  },
  {
    id: 'CHG-01',
    severity: 'error',
    scope: 'change',
    body: `_change := input[0].contents if input[0].contents.kind == "Change"
applies if _change
deny contains {"file": now.path, "path": ["version"], "msg": sprintf("%s was %s before.", [now.contents.version, was.contents.version])} if {
	some was in _change.base
	some now in _change.current
	was.contents.id == now.contents.id
	was.contents.version > now.contents.version
}
deny contains {"file": was.path, "path": [], "msg": sprintf("%s is gone.", [was.contents.id])} if {
	some was in _change.base
	was.contents.id
	not was.contents.id in {now.contents.id | some now in _change.current}
}`,
  },
  {
    id: 'BOOM-01',
    severity: 'info',
    scope: 'document',
    body: `applies if input.name == "boom"
_two := 1 if applies
_two := 2 if applies
deny contains {"path": [], "msg": "never"} if _two == 3`,
  },
]

/** The path of a bundle of these rules; with other modules in place of those of the same path. */
export async function buildTestPolicy(folder: string, changes: Readonly<Record<string, string>> = {}): Promise<string> {
  const files: Record<string, string> = {
    'main.rego': main,
    'vocabulary/data.json': '{"levels": ["public", "secret"]}',
    ...Object.fromEntries(testRules.map(({ id, ...rule }) => [pathOf(id), moduleOf({ id, ...rule })])),
    ...changes,
  }
  for (const [path, text] of Object.entries(files)) await put(join(folder, 'policies/dataproduct', path), text)
  const { findings, bundles } = await buildDataproduct(await testOpa(), folder)
  if (bundles.length === 0) throw new Error(JSON.stringify(findings))
  const file = join(folder, 'dataproduct.tar.gz')
  await writeFile(file, bundles[0]!.bytes)
  return file
}

export async function testOpa(): Promise<Opa> {
  return findOpa({ explicit: await ensureTool('opa'), root: repositoryFolder })
}

/** The same, loaded; the folder is gone when the process is. */
export async function loadTestPolicy() {
  const folder = await createTempFolder('check-policy')
  const bundle = await buildTestPolicy(folder.path)
  return { bundle, policy: loadDataproductPolicy({ bundle }), folder }
}

export function moduleOf({ id, severity, scope, body }: TestRule): string {
  return `# METADATA
# title: Rule ${id}
# description: What ${id} asks for.
# custom:
#   id: ${id}
#   severity: ${severity}
#   scope: ${scope}
#   regulation: [GDPR 5(2)]
#   remedy: Mend ${id}.
package dataproduct.rules.${nameOf(id)}

meta := {"rule": "${id}", "severity": "${severity}", "regulation": ["GDPR 5(2)"], "remedy": "Mend ${id}."}

default applies := false

${body}
`
}

function pathOf(id: string): string {
  return `rules/${nameOf(id)}/${nameOf(id)}.rego`
}

function nameOf(id: string): string {
  return id.toLowerCase().replace('-', '_')
}

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
