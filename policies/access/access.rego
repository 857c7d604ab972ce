# METADATA
# title: The questions that can be asked
# description: |
#   Each entrypoint is total: what is missing, malformed or undefined denies. How attached rules
#   become a decision is in the package below; who asks when is in docs/writing-rules.md.
# scope: subpackages
package access

import data.access.composition

# METADATA
# title: May this user ask for this resource, for this purpose?
# entrypoint: true
# schemas:
#   - input: schema.access.user
default user := {"allow": false, "reasons": [{"code": "policy.missing"}]}

user := composition.decision(composition.attached(input.request.resource, "user"))

# METADATA
# title: May this user see this leaf?
# description: |
#   Who asks for a folder must not get past the user rules that are attached further down, so the user
#   decision is made again as if the leaf itself had been requested.
# entrypoint: true
# schemas:
#   - input: schema.access.resource
default resource := {"allow": false, "reasons": [{"code": "policy.missing"}]}

resource := decision if {
	leaf := input.resource.id
	asked := composition.decision(composition.attached(leaf, "user")) with input.request as {"resource": leaf}
	seen := composition.decision(composition.attached(leaf, "resource_rules"))
	decision := composition.both(asked, seen)
}

# METADATA
# title: May this user have this record, and with which masks?
# entrypoint: true
# schemas:
#   - input: schema.access.record
default record := {"allow": false, "masks": set(), "reasons": [{"code": "policy.missing"}]}

record := composition.record_decision(composition.attached(input.resource.id, "record_rules"))

# METADATA
# title: The layers that record rules of a leaf come from
# description: Asked once a read; its answer is the input.layers of access/guard.
# entrypoint: true
# schemas:
#   - input: schema.access.resource
default attached := []

attached := composition.attached(input.resource.id, "record_rules")

# METADATA
# title: The question of access/record, with the layers already known
# description: Only ever fed with what access/attached answered under the same revision.
# entrypoint: true
# schemas:
#   - input: schema.access.guard
default guard := {"allow": false, "masks": set(), "reasons": [{"code": "policy.missing"}]}

guard := composition.record_decision(input.layers)
