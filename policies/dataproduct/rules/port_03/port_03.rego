# METADATA
# title: Every input port has a known source
# description: |
#   An input port's contract is one of the tree and not retired, or its source is registered. Products don't
#   feed one another in a circle.
# custom:
#   id: PORT-03
#   severity: error
#   scope: tree
#   regulation: ["BCBS 239 P2"]
#   remedy: Name a contract of the tree or a source of the vocabulary's registered_sources.
package dataproduct.rules.port_03

import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.tree
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if tree.several

deny contains {"file": port.file, "path": port.path, "msg": msg} if {
	some port in tree.input_ports
	not tree.contracts_by_id[port.contract]
	not _registered(port)
	msg := sprintf("The source of input port %s is neither a contract of the tree nor registered.", [port.label])
}

deny contains {"file": port.file, "path": port.path, "msg": msg} if {
	some port in tree.input_ports
	some contract in tree.contracts_by_id[port.contract]
	values.text(contract.body, "status") == "retired"
	msg := sprintf("The contract of input port %s is retired.", [port.label])
}

deny contains {"file": product.file, "path": array.concat(product.base, ["inputPorts"]), "msg": "The product feeds itself, through its ports or other products."} if {
	some product in tree.products
	name := tree.name_of(product)
	name in graph.reachable(_graph, object.get(_graph, name, set()))
}

default _registered(_) := false

_registered(port) if {
	some name in [values.text(port.value, "source"), port.contract, values.text(port.value, "name")]
	name in vocabulary.terms(port.product.domain, "registered_sources")
}

_makers[port.contract] contains tree.name_of(port.product) if some port in tree.output_ports

_feeds[tree.name_of(port.product)] contains maker if {
	some port in tree.input_ports
	some maker in _makers[port.contract]
}

_graph := {name: object.get(_feeds, name, set()) | some product in tree.products; name := tree.name_of(product)}
