# METADATA
# title: Personal data has a purpose, a lawful basis and a record of processing
# description: |
#   Where a field holds personal data, the contract says what for, on which lawful basis, and under which entry
#   of the records of processing.
# custom:
#   id: PRV-01
#   severity: error
#   scope: document
#   regulation: ["GDPR 5(1)(b)", "GDPR 6", "GDPR 30"]
#   remedy: Fill description.purpose, and add the custom properties lawfulBasis (a term of the vocabulary) and ropaId.
package dataproduct.rules.prv_01

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if fields.holds_personal

deny contains {"path": document.path(["description", "purpose"]), "msg": "Personal data is held, and description.purpose doesn't say what for."} if {
	applies
	values.text(values.member(document.body, "description"), "purpose") == ""
}

deny contains {"path": document.custom_path("lawfulBasis"), "msg": msg} if {
	applies
	bases := vocabulary.terms(document.domain, "lawful_bases")
	not values.text_of(document.custom("lawfulBasis")) in bases
	msg := sprintf("Personal data is held, and lawfulBasis is none of: %s.", [concat(", ", sort(bases))])
}

deny contains {"path": document.custom_path("ropaId"), "msg": "Personal data is held, and ropaId names no entry of the records of processing."} if {
	applies
	values.text_of(document.custom("ropaId")) == ""
}
