# METADATA
# title: Every field has a classification of the organisation's list
# description: |
#   A field without one, or with another, counts as the highest level, and must say so.
# custom:
#   id: CLS-01
#   severity: error
#   scope: document
#   regulation: ["ISO 27001 A.5.12", "ISO 27001 A.5.13", "GDPR 25"]
#   remedy: Give the field a classification of the vocabulary's list.
package dataproduct.rules.cls_01

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.levels
import data.dataproduct.lib.meta as metadata

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind == "contract"

deny contains {"path": ["schema"], "msg": "The contract has no field, so nothing in it is classified."} if {
	applies
	count(fields.all) == 0
}

deny contains {"path": _place(field), "msg": msg} if {
	applies
	some field in fields.all
	not levels.ranks[field.classification]
	msg := _message(field)
}

_place(field) := array.concat(field.path, ["classification"]) if {
	field.value.classification != null
} else := field.path

_message(field) := sprintf("%s has no classification; it counts as the highest.", [field.label]) if {
	field.classification == ""
} else := sprintf("%s has the classification \"%s\", which is none of: %s.", [field.label, field.classification, concat(", ", levels.order)])
