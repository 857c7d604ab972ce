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

deny contains {"path": port.path, "msg": msg, "related": [{"path": first, "message": "the first port of that name and version"}]} if {
	applies
	some port in document.output_ports
	places := _places[_key(port)]
	first := places[0]
	port.path != first
	msg := sprintf("Another output port has the name and version of %s.", [port.label])
}

_places[key] := [port.path | some port in document.output_ports; _key(port) == key] if {
	some named in document.output_ports
	values.text(named.value, "name") != ""
	key := _key(named)
}

_key(port) := sprintf("%s %v", [values.text(port.value, "name"), values.member(port.value, "version")])
