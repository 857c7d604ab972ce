# METADATA
# title: An active, accountable owner
# description: |
#   A team member with an owner's role, whose time has begun and not ended, and whom the directory of people knows.
#   Members are kept as history, so a member alone is no owner.
# custom:
#   id: OWN-01
#   severity: error
#   scope: document
#   regulation: ["GDPR 5(2)", "GDPR 24", "BCBS 239 P1", "ISO 27001 A.5.2"]
#   remedy: Add a team member with role owner, a username of the directory, a dateIn that is not in the future and no past dateOut.
package dataproduct.rules.own_01

import data.dataproduct.lib.dates
import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

deny contains {"path": path, "msg": "Nobody is the owner: no team member has an owner's role."} if {
	applies
	count(_owners) == 0
	path := document.path(["team"])
}

deny contains {"path": owner.path, "msg": msg} if {
	applies
	count(_active) == 0
	some owner in _owners
	msg := sprintf("%s is not an owner today: %s.", [_name(owner), concat(", ", _reasons(owner))])
}

_owners := [member |
	some member in document.members_of(document.current)
	lower(values.text(member.value, "role")) in vocabulary.terms(document.domain, "owner_roles")
]

_active := [owner | some owner in _owners; count(_reasons(owner)) == 0]

_reasons(owner) := array.concat(dates.membership_problems(owner.value), _unknown(owner.value))

_unknown(member) := [] if {
	values.text(member, "username") in vocabulary.terms(document.domain, "people")
} else := ["the directory does not know this username"]

_name(owner) := sprintf("\"%s\"", [values.text(owner.value, "username")])
