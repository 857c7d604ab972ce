# METADATA
# title: Quality is checked in every dimension
# description: |
#   The quality rules of a contract cover every dimension the organisation asks for. For tiers below 1 it is a
#   warning.
# custom:
#   id: DQ-01
#   severity: error
#   scope: document
#   regulation: ["BCBS 239 P3", "BCBS 239 P4", "GDPR 5(1)(d)"]
#   remedy: Add quality rules with the missing dimension to the objects or fields.
package dataproduct.rules.dq_01

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind == "contract"

deny contains {"path": ["schema"], "severity": _severity, "msg": msg} if {
	applies
	some dimension in vocabulary.terms(document.domain, "quality_dimensions")
	not dimension in _covered
	msg := sprintf("No quality rule checks %s.", [dimension])
}

_severity := "error" if {
	document.tier == 1
} else := "warning"

_covered := {dimension |
	some holder in array.concat(fields.objects, fields.all)
	holder.value.quality
	some rule in values.list(holder.value, "quality")
	_says_something(rule)
	dimension := lower(values.text(rule, "dimension"))
}

default _says_something(_) := false

_says_something(rule) if {
	some key in object.get(_contents, _type(rule), [])
	_written(values.member(rule, key))
}

default _written(_) := false

_written(value) if values.text_of(value) != ""

_written(value) if count(values.object_of(value)) > 0

_type(rule) := "library" if {
	values.member(rule, "type") == null
} else := lower(values.text(rule, "type"))

_contents := {"library": ["metric", "rule"], "sql": ["query"], "custom": ["implementation"], "text": ["description"]}
