# METADATA
# title: Names follow the organisation's patterns
# description: |
#   Names of products, ports, objects and fields match the vocabulary's patterns.
# custom:
#   id: NAM-01
#   severity: warning
#   scope: document
#   regulation: ["internal"]
#   remedy: Rename it as the pattern of the vocabulary's name_patterns says.
package dataproduct.rules.nam_01

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

deny contains {"path": named.path, "msg": msg} if {
	applies
	some named in _named
	pattern := values.text(vocabulary.setting(document.domain, "name_patterns"), named.kind)
	not _matches(pattern, named.name)
	msg := sprintf("The name \"%s\" doesn't follow the pattern for a %s.", [named.name, named.kind])
}

_named := array.concat(array.concat(_products, _ports), array.concat(_objects, _fields))

_products := [{"kind": "product", "path": document.path(["name"]), "name": values.text(document.body, "name")}]

_ports := [{"kind": "port", "path": port.path, "name": values.text(port.value, "name")} |
	some port in array.concat(document.input_ports, document.output_ports)
]

_objects := [{"kind": "object", "path": held.path, "name": held.name} | some held in fields.objects]

_fields := [{"kind": "field", "path": field.path, "name": field.name} | some field in fields.all]

default _matches(_, _) := false

_matches(pattern, name) if {
	pattern != ""
	regex.match(pattern, name)
}
