# METADATA
# title: Personal fields are masked, filtered or denied everywhere
# description: |
#   Each field with personal data has the custom property masking with an action of the vocabulary, without
#   environments or with prod among them and none of the contract's servers left out.
# custom:
#   id: ACC-04
#   severity: error
#   scope: document
#   regulation: ["GDPR 25", "GDPR 32(1)(a)", "ISO 27001 A.8.11"]
#   remedy: Add the custom property masking with an action to the field, for every environment.
package dataproduct.rules.acc_04

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if count(fields.personal) > 0

deny contains {"path": values.custom_path(field.path, field.value, "masking"), "msg": msg} if {
	applies
	some field in fields.personal
	not _masked(field.value)
	msg := sprintf("%s holds personal data and is not masked, filtered or denied in every environment.", [field.label])
}

default _masked(_) := false

_masked(value) if {
	mask := values.custom(value, "masking")
	_action(mask) in vocabulary.terms(document.domain, "masks")
	environments := values.member(mask, "environments")
	_everywhere(environments)
}

_action(mask) := values.text(mask, "action") if {
	is_object(mask)
} else := values.text_of(mask)

_everywhere(null)

_everywhere(environments) if {
	is_array(environments)
	"prod" in environments
	count(_environments - values.texts(environments)) == 0
}

# A server that names none may be any.
_environments := {values.text(server.value, "environment") | some server in document.servers}
