/** The composition and the rules that the tests of the engine run on, as Rego text. */
import type { Sources } from './opa.ts'

export const composition: Sources = {
  'access/access.rego': `# METADATA
# title: Composition of rules into decisions
# description: |
#   Inside a layer permits unite and a denial wins; layers intersect; masks unite.
#   A permit is proved: whatever is missing, misshapen or undefined denies.
package access

import data.access.lib

# METADATA
# entrypoint: true
default user := {"allow": false, "reasons": [{"code": "policy.missing"}]}

user := lib.decision(lib.attached(input.request.resource, "user"))

# METADATA
# entrypoint: true
default resource := {"allow": false, "reasons": [{"code": "policy.missing"}]}

resource := lib.decision(lib.attached(input.resource.id, "resource_rules"))

# METADATA
# entrypoint: true
default record := {"allow": false, "masks": [], "reasons": [{"code": "policy.missing"}]}

record := object.union(lib.decision(layers), {"masks": lib.masks(layers)}) if {
	layers := lib.attached(input.resource.id, "record_rules")
}

# METADATA
# entrypoint: true
# description: the same composition over layers resolved once for a read; never asked from outside
default guard := {"allow": false, "masks": [], "reasons": [{"code": "policy.missing"}]}

guard := object.union(lib.decision(input.layers), {"masks": lib.masks(input.layers)})

# METADATA
# entrypoint: true
# description: the layers attached to a leaf for its records
attached := lib.attached(input.resource.id, "record_rules")
`,
  'access/lib/lib.rego': `package access.lib

# layers that attach rules of one list to a resource or to a folder above it
attached(id, list) := {layer |
	some kind, owners in _owners
	some owner, attachments in owners
	rules := [rule |
		some attachment in attachments
		_covers(attachment.resource, id)
		some rule in attachment[list]
	]
	count(rules) > 0
	layer := {"name": concat(":", [kind, owner]), "rules": rules}
}

_owners["organisation"] := {"": data.attachments.organisation}

_owners["domain"] := data.attachments.domain

_owners["product"] := data.attachments.product

_covers(key, id) if key == id

_covers(key, id) if {
	endswith(key, "/")
	startswith(id, key)
}

decision(layers) := {"allow": true, "reasons": []} if {
	count(layers) > 0
	every layer in layers {
		is_string(layer.name)
		count(layer.rules) > 0
		every rule in layer.rules { _sound(rule) }
		_votes(layer)
	}
	some layer in layers
	_permits(layer)
	count(_denials(layers)) == 0
} else := {"allow": false, "reasons": array.concat(sort(_denials(layers)), sort(_unpermitted(layers)))}

_sound([domain, name]) if {
	rule := data.rules[domain][name]
	some part in ["permit", "deny", "mask"]
	is_set(rule[part])
	every other in ["permit", "deny", "mask"] { is_set(object.get(rule, other, set())) }
}

_permits(layer) if {
	some [domain, name] in layer.rules
	some reason in data.rules[domain][name].permit
	is_string(reason)
}

# a layer votes by a permit; one below the organisation whose rules export none abstains: it can only tighten
_votes(layer) if _permits(layer)

_votes(layer) if _abstains(layer)

_abstains(layer) if {
	not startswith(layer.name, "organisation")
	every rule in layer.rules { not data.rules[rule[0]][rule[1]].permit }
}

_denials(layers) := {reason |
	some layer in layers
	some [domain, name] in layer.rules
	some reason in data.rules[domain][name].deny
}

_unpermitted(layers) := {{"code": "policy.no_permit", "layer": layer.name} |
	some layer in layers
	not _votes(layer)
}

masks(layers) := sort({mask |
	some layer in layers
	some [domain, name] in layer.rules
	some mask in data.rules[domain][name].mask
})
`,
}

export const hrRules: Sources = {
  'rules/hr/visible/visible.rego': `# METADATA
# title: HR sees all, managers see their people, everyone themselves
package rules.hr.visible

default _manages := false

_manages if {
	walk(input.record.manager, [path, value])
	path[count(path) - 1] == "uid"
	value == input.user.id
}

permit contains "hr" if input.user.attributes.department == "hr"

permit contains "manager" if _manages

permit contains "self" if input.record.uid == input.user.id
`,
  'rules/hr/bank_details/bank_details.rego': `package rules.hr.bank_details

default _payroll := false

_payroll if input.context.purpose == "SALARY"

mask contains {"path": "/bank/account", "action": "null"} if not _payroll
`,
  'rules/hr/duty_of_care/duty_of_care.rego': `package rules.hr.duty_of_care

default _duty := false

_duty if input.context.purpose == "DUTY_OF_CARE"

mask contains {"path": path, "action": "null"} if {
	some path in ["/emergencyContact", "/homeAddress"]
	not _duty
}
`,
  'rules/org/active/active.rego': `package rules.org.active

default _active := false

_active if input.user.active == true

permit contains "user.active" if _active

deny contains {"code": "user.inactive"} if not _active
`,
  'rules/org/purpose/purpose.rego': `package rules.org.purpose

permit contains "org.purpose" if input.context.purpose != "FORBIDDEN"
`,
}
