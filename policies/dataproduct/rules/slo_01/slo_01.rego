# METADATA
# title: Service levels with known units
# description: |
#   A contract declares every service level the organisation asks for, each with a value and a known unit. For
#   tiers below 1 it is a warning.
# custom:
#   id: SLO-01
#   severity: error
#   scope: document
#   regulation: ["BCBS 239 P5"]
#   remedy: Add the service level to slaProperties with value and unit.
package dataproduct.rules.slo_01

import data.dataproduct.lib.document
import data.dataproduct.lib.durations
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind == "contract"

deny contains {"path": document.path(["slaProperties"]), "severity": _severity, "msg": msg} if {
	applies
	some name in vocabulary.terms(document.domain, "service_levels")
	not name in {lower(values.text(part.value, "property")) | some part in document.service_levels}
	msg := sprintf("The service level %s is not declared.", [name])
}

deny contains {"path": part.path, "severity": _severity, "msg": msg} if {
	applies
	some part in document.service_levels
	lower(values.text(part.value, "property")) in vocabulary.terms(document.domain, "service_levels")
	not _readable(part.value)
	msg := sprintf("The service level %s has no number with a known unit.", [part.label])
}

_severity := "error" if {
	document.tier == 1
} else := "warning"

default _readable(_) := false

_readable(value) if durations.seconds(values.member(value, "value"), values.member(value, "unit")) > 0

_readable(value) if {
	is_number(values.member(value, "value"))
	lower(values.text(value, "unit")) in {"%", "percent"}
}
