# METADATA
# title: Everything has a logical type and a description
# description: |
#   The share of fields with a known logical type and a description reaches the threshold of the contract's
#   tier; every object has a description and fields.
# custom:
#   id: SCH-01
#   severity: warning
#   scope: document
#   regulation: ["BCBS 239 P2"]
#   remedy: Add logicalType and description to the fields named.
package dataproduct.rules.sch_01

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind == "contract"

deny contains {"path": ["schema"], "msg": "The contract has no schema."} if {
	applies
	count(fields.objects) == 0
}

deny contains {"path": held.path, "msg": msg} if {
	applies
	some held in fields.objects
	values.text(held.value, "description") == ""
	msg := sprintf("The object %s has no description.", [held.label])
}

deny contains {"path": held.path, "msg": msg} if {
	applies
	some held in fields.objects
	count(values.list(held.value, "properties")) == 0
	msg := sprintf("The object %s has no fields.", [held.label])
}

deny contains {"path": field.path, "msg": msg} if {
	applies
	count(fields.all) > 0
	_percent < _threshold
	some field in _poor
	msg := sprintf("%s lacks %s (%v %% of the fields are complete, %v %% are asked for).", [field.label, concat(" and ", _lacks(field)), _percent, _threshold])
}

_poor := [field | some field in fields.all; count(_lacks(field)) > 0]

_percent := floor((100 * (count(fields.all) - count(_poor))) / count(fields.all))

_threshold := vocabulary.limit(document.domain, "coverage_min_percent", sprintf("%d", [document.tier]), 100)

_lacks(field) := [lack | some lack in [_type_lack(field.value), _description_lack(field.value)]; lack != ""]

_types := {"string", "date", "timestamp", "time", "number", "integer", "object", "array", "boolean", "map", "vector", "enum"}

_type_lack(value) := "" if {
	value.logicalType in _types
} else := "a logical type"

_description_lack(value) := "" if {
	is_string(value.description)
	value.description != ""
} else := "a description"
