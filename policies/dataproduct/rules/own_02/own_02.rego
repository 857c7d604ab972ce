# METADATA
# title: A steward, a support channel, and a privacy contact for personal data
# description: |
#   Somebody looks after the data, and there is a place to ask. Where personal data is held, a member with a
#   role of privacy contact is named.
# custom:
#   id: OWN-02
#   severity: warning
#   scope: document
#   regulation: ["GDPR 37-39", "BCBS 239 P1"]
#   remedy: Add an active team member with role steward (and one with role data protection officer for personal data), and a support entry with channel and url.
package dataproduct.rules.own_02

import data.dataproduct.lib.dates
import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

deny contains {"path": document.path(["team"]), "msg": "Nobody is the steward: no active team member has a steward's role."} if {
	applies
	not _active("steward_roles")
}

deny contains {"path": document.path(["team"]), "msg": "Personal data is held, and no active team member is the contact for privacy."} if {
	applies
	fields.holds_personal
	not _active("privacy_contact_roles")
}

deny contains {"path": document.path(["support"]), "msg": "There is no support channel with a name and an address."} if {
	applies
	not _supported
}

default _active(_) := false

_active(key) if {
	some member in document.members_of(document.current)
	lower(values.text(member.value, "role")) in vocabulary.terms(document.domain, key)
	values.text(member.value, "username") != ""
	count(dates.membership_problems(member.value)) == 0
}

default _supported := false

_supported if {
	some entry in values.list(document.body, "support")
	values.text(entry, "channel") != ""
	values.text(entry, "url") != ""
}
