# METADATA
# title: A whole is classified as high as its parts
# description: |
#   An object, a contract, a port and a product are at least at the highest level inside them. Nothing personal
#   is on a public port.
# custom:
#   id: CLS-04
#   severity: error
#   scope: document
#   also: tree
#   regulation: ["ISO 27001 A.5.12", "GDPR 32"]
#   remedy: Raise the classification of the whole, or take the sensitive part out of it.
package dataproduct.rules.cls_04

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.levels
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.tree
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

applies if tree.several

deny contains {"path": held.path, "msg": msg} if {
	document.kind == "contract"
	some held in fields.objects
	level := _own_level(held.value)
	level != null
	some highest in _highest(held.path[1])
	levels.rank(level) < highest.rank
	msg := sprintf("The object %s is %s, and its field %s is %s.", [held.label, levels.called(level), highest.field.label, levels.called(highest.field.classification)])
}

deny contains {"path": document.custom_path("classification"), "msg": msg} if {
	document.kind == "contract"
	level := document.custom("classification")
	level != null
	some index, _ in fields.objects
	some highest in _highest(index)
	levels.rank(level) < highest.rank
	msg := sprintf("The contract is %s, and its field %s is %s.", [levels.called(level), highest.field.label, levels.called(highest.field.classification)])
}

deny contains {"path": document.custom_path("classification"), "msg": "The classification is no level of the organisation."} if {
	document.governed
	level := document.custom("classification")
	level != null
	not levels.known(level)
}

deny contains {"path": document.custom_path("classification"), "msg": "The contract is public, and holds personal data."} if {
	document.kind == "contract"
	fields.holds_personal
	levels.rank(document.custom("classification")) == 0
}

deny contains {"path": port.path, "msg": msg} if {
	document.has_ports
	some port in document.output_ports
	not levels.known(_own_level(port.value))
	msg := sprintf("The output port %s has no classification of the organisation; it counts as the highest.", [port.label])
}

deny contains {"path": document.custom_path("classification"), "msg": msg} if {
	document.has_ports
	some port in document.output_ports
	levels.rank(document.custom("classification")) < levels.rank(_own_level(port.value))
	msg := sprintf("The product is %s, and its output port %s is %s.", [levels.called(document.custom("classification")), port.label, levels.called(_own_level(port.value))])
}

deny contains {"file": port.file, "path": port.path, "msg": msg} if {
	some port in tree.output_ports
	some contract in tree.contracts_by_id[port.contract]
	some field in tree.fields_by_file[contract.file]
	levels.rank(_own_level(port.value)) < levels.rank(field.classification)
	msg := sprintf("The output port %s is %s, and the field %s of its contract is %s.", [port.label, levels.called(_own_level(port.value)), field.label, levels.called(field.classification)])
}

deny contains {"file": port.file, "path": port.path, "msg": msg} if {
	some port in tree.output_ports
	levels.rank(_own_level(port.value)) == 0
	some contract in tree.contracts_by_id[port.contract]
	some field in tree.fields_by_file[contract.file]
	not field.category in {"", "none"}
	msg := sprintf("The output port %s is public, and the field %s of its contract holds personal data.", [port.label, field.label])
}

_own_level(value) := level if {
	level := values.member(value, "classification")
	level != null
} else := values.custom(value, "classification")

_highest(index) := [found] if {
	found := fields.highest[index]
} else := []
