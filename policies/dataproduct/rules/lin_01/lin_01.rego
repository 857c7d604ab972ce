# METADATA
# title: Every output says what it is made from
# description: |
#   Each output port of a product with input ports names its input contracts. It is a warning here; critical
#   data elements are judged by SCH-02.
# custom:
#   id: LIN-01
#   severity: error
#   scope: document
#   regulation: ["BCBS 239 P2", "AI Act 10(2)(b)"]
#   remedy: Add inputContracts with id and version to the output port.
package dataproduct.rules.lin_01

import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.has_ports

deny contains {"path": port.path, "severity": "warning", "msg": msg} if {
	applies
	count(document.input_ports) > 0
	some port in document.output_ports
	not _named(port.value)
	msg := sprintf("The output port %s names no input contract.", [port.label])
}

default _named(_) := false

_named(value) if {
	contracts := values.list(value, "inputContracts")
	count(contracts) > 0
	every contract in contracts {
		values.text(contract, "id") != ""
	}
}
