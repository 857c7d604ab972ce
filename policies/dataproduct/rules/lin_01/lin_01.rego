# METADATA
# title: Every output says what it is made from
# description: |
#   Each output port of a product with input ports names its input contracts; in a tree, each of these is a contract of the tree, one of an
#   input port, or registered. It is a warning here; critical data elements are judged by SCH-02.
# custom:
#   id: LIN-01
#   severity: error
#   scope: tree
#   regulation: ["BCBS 239 P2", "AI Act 10(2)(b)"]
#   remedy: Add inputContracts with id and version to the output port.
package dataproduct.rules.lin_01

import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.tree
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.has_ports

applies if tree.several

deny contains {"path": port.path, "severity": "warning", "msg": msg} if {
	applies
	count(document.input_ports) > 0
	some port in document.output_ports
	not _named(port.value)
	msg := sprintf("The output port %s names no input contract.", [port.label])
}

deny contains {"file": port.file, "path": array.concat(port.path, ["inputContracts", index]), "severity": "warning", "msg": msg} if {
	some port in tree.output_ports
	some index, contract in values.list(port.value, "inputContracts")
	id := values.text(contract, "id")
	id != ""
	not id in _sources
	not id in vocabulary.terms(port.product.domain, "registered_sources")
	msg := sprintf("The input contract %s of output port %s is neither in the tree, nor one of an input port, nor registered.", [id, port.label])
}

_sources := object.keys(tree.contracts_by_id) | {port.contract | some port in tree.input_ports}

default _named(_) := false

_named(value) if {
	contracts := values.list(value, "inputContracts")
	count(contracts) > 0
	every contract in contracts {
		values.text(contract, "id") != ""
	}
}
