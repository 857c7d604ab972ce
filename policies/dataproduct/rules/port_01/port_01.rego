# METADATA
# title: At least one output port, each named once
# description: |
#   A product without an output port gives nothing. Name and version together tell ports apart.
# custom:
#   id: PORT-01
#   severity: error
#   scope: document
#   regulation: ["ODPS 1.0 (prose)"]
#   remedy: Add an output port with a name and a version of its own.
package dataproduct.rules.port_01

import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.has_ports

deny contains {"path": document.path(["outputPorts"]), "msg": "The product has no output port."} if {
	applies
	count(document.output_ports) == 0
}

deny contains {"path": port.path, "msg": "The output port has no name."} if {
	applies
	some port in document.output_ports
	values.text(port.value, "name") == ""
}

deny contains {"path": port.path, "msg": msg, "related": [{"path": first.path, "message": "the first port of that name and version"}]} if {
	applies
	some place, port in document.output_ports
	first := [before | some before in array.slice(document.output_ports, 0, place); _same(before.value, port.value)][0]
	msg := sprintf("Another output port has the name and version of %s.", [port.label])
}

# A version that is missing or can't be read may be any.
default _same(_, _) := false

_same(left, right) if {
	values.text(left, "name") != ""
	values.text(left, "name") == values.text(right, "name")
	not _apart(values.member(left, "version"), values.member(right, "version"))
}

default _apart(_, _) := false

_apart(left, right) if {
	values.text_of(left) != values.text_of(right)
	values.text_of(left) != ""
	values.text_of(right) != ""
}
