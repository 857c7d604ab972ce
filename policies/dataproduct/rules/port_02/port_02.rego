# METADATA
# title: Every output port has a contract that stands
# description: |
#   The contractId of an output port is the id of a contract in the tree that is not retired and names this
#   product.
# custom:
#   id: PORT-02
#   severity: error
#   scope: tree
#   regulation: ["BCBS 239 P2"]
#   remedy: Set contractId to the id of a contract, and dataProduct in that contract to the name or id of the product.
package dataproduct.rules.port_02

import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.tree
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if tree.several

deny contains {"file": port.file, "path": array.concat(port.path, ["contractId"]), "msg": msg} if {
	some port in tree.output_ports
	not tree.contracts_by_id[port.contract]
	msg := sprintf("The contract \"%s\" of output port %s is not in the tree.", [port.contract, port.label])
}

deny contains {"file": port.file, "path": array.concat(port.path, ["contractId"]), "msg": msg} if {
	some port in tree.output_ports
	some contract in tree.contracts_by_id[port.contract]
	values.text(contract.body, "status") == "retired"
	msg := sprintf("The contract of output port %s is retired.", [port.label])
}

deny contains {"file": port.file, "path": array.concat(port.path, ["contractId"]), "msg": msg} if {
	some port in tree.output_ports
	some contract in tree.contracts_by_id[port.contract]
	not values.text(contract.body, "dataProduct") in ({port.product.id, values.text(port.product.body, "name")} - {""})
	msg := sprintf("The contract of output port %s doesn't name this product as its dataProduct.", [port.label])
}
