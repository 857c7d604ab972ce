# METADATA
# title: Service levels with known units
# description: |
#   A contract declares every service level the organisation asks for, each with a value and a known unit. For
#   tiers below 1 it is a warning. In a tree, no level of an output port's contract is better than that of the product's input contracts.
# custom:
#   id: SLO-01
#   severity: error
#   scope: tree
#   regulation: ["BCBS 239 P5"]
#   remedy: Add the service level to slaProperties with value and unit.
package dataproduct.rules.slo_01

import data.dataproduct.lib.document
import data.dataproduct.lib.durations
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.service_levels
import data.dataproduct.lib.tree
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind == "contract"

applies if tree.several

deny contains {"file": contract.file, "path": part.path, "severity": severity, "msg": msg} if {
	some port in tree.output_ports
	some contract in tree.contracts_by_id[port.contract]
	some part in document.service_levels_of(contract)
	some source in tree.input_ports
	source.file == port.file
	source.product.base == port.product.base
	some upstream in tree.contracts_by_id[source.contract]
	some given in document.service_levels_of(upstream)
	service_levels.name_of(given.value) == service_levels.name_of(part.value)
	service_levels.promises_more(part.value, given.value)
	severity := {1: "error", 2: "warning", 3: "warning"}[document.tier_of(contract)]
	msg := sprintf("The service level %s is better than what the input port %s gives.", [part.label, source.label])
}

deny contains {"path": document.path(["slaProperties"]), "severity": _severity, "msg": msg} if {
	document.kind == "contract"
	some name in vocabulary.terms(document.domain, "service_levels")
	not name in {lower(values.text(part.value, "property")) | some part in document.service_levels}
	msg := sprintf("The service level %s is not declared.", [name])
}

deny contains {"path": part.path, "severity": _severity, "msg": msg} if {
	document.kind == "contract"
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
