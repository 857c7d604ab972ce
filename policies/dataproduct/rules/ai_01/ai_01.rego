# METADATA
# title: It is said what AI may do with the data
# description: |
#   aiUse names the uses allowed, their purposes, and whether text and data mining is reserved. Personal data
#   and trade secrets allow only the uses the vocabulary lists for them.
# custom:
#   id: AI-01
#   severity: error
#   scope: document
#   regulation: ["GDPR 5(1)(b)", "AI Act 10(2)", "Directive (EU) 2019/790 Art. 4(3)", "AI Act 53(1)(c)"]
#   remedy: Add the custom property aiUse with allowed (of none, inference, rag, training), purposes and textAndDataMining (reserved or permitted).
package dataproduct.rules.ai_01

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

deny contains {"path": document.custom_path("aiUse"), "msg": "aiUse is not declared, or allowed is no use of the vocabulary."} if {
	applies
	not _known
}

deny contains {"path": document.custom_path("aiUse"), "msg": "aiUse allows a use that is not allowed for personal data."} if {
	applies
	_sensitive
	count(_allowed - vocabulary.terms(document.domain, "ai_uses_personal")) > 0
}

deny contains {"path": document.custom_path("aiUse"), "msg": "aiUse names no purposes."} if {
	applies
	_use != null
	_allowed != {"none"}
	count(values.texts(values.member(_use, "purposes"))) == 0
}

deny contains {"path": document.custom_path("aiUse"), "msg": "aiUse doesn't say whether text and data mining is reserved or permitted."} if {
	applies
	_use != null
	not values.text(_use, "textAndDataMining") in {"reserved", "permitted"}
}

_use := document.custom("aiUse")

_said := values.member(_use, "allowed") if {
	is_object(_use)
} else := _use

_allowed := values.texts(_said)

default _known := false

_known if {
	count(_allowed) > 0
	count(_allowed - vocabulary.terms(document.domain, "ai_uses")) == 0
	every use in values.array_of(_said) {
		is_string(use)
	}
}

default _sensitive := false

_sensitive if fields.holds_personal

_sensitive if values.member(document.custom("ipProtection"), "tradeSecret") == true
