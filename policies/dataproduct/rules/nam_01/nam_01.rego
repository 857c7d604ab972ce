# METADATA
# title: Names follow the organisation's patterns
# description: |
#   Names of products, ports, objects and fields match the vocabulary's patterns, and a file is called as the document in it.
# custom:
#   id: NAM-01
#   severity: warning
#   scope: document
#   also: tree
#   regulation: ["internal"]
#   remedy: Rename it as the pattern of the vocabulary's name_patterns says, and the file as the document.
package dataproduct.rules.nam_01

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.tree
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

applies if tree.several

deny contains {"path": named.path, "msg": msg} if {
	document.governed
	some named in _named
	pattern := values.text(vocabulary.setting(document.domain, "name_patterns"), named.kind)
	not _matches(pattern, named.name)
	msg := _message(named, pattern)
}

deny contains {"file": item.file, "path": array.concat(item.base, ["name"]), "msg": msg} if {
	some item in array.concat(tree.contracts, tree.products)
	name := values.text(item.body, "name")
	name != ""
	_documents[item.file] == 1
	stem := _words(_stem(item.file)) - _generic
	count(stem) > 0
	not _called_so(stem, {_words(name) - _generic, _words(item.id)})
	msg := sprintf("The file is called \"%s\", and the document in it \"%s\".", [_stem(item.file), name])
}

_message(named, pattern) := sprintf("The %s has no name.", [named.said]) if {
	named.name == ""
} else := sprintf("The name \"%s\" doesn't follow the pattern for a %s, which the vocabulary lacks.", [named.name, named.kind]) if {
	pattern == ""
} else := sprintf("The name \"%s\" doesn't follow the pattern for a %s, %s.", [named.name, named.kind, pattern])

_named := array.concat(array.concat(_products, _ports), array.concat(_objects, _fields))

_products := [{"kind": "product", "said": _said, "path": document.path(["name"]), "name": values.text(document.body, "name")}]

_ports := [{"kind": "port", "said": "port", "path": port.path, "name": values.text(port.value, "name")} |
	some port in array.concat(document.input_ports, document.output_ports)
]

_objects := [{"kind": "object", "said": "object", "path": held.path, "name": held.name} | some held in fields.objects]

_fields := [{"kind": "field", "said": "field", "path": field.path, "name": field.name} | some field in fields.all]

_said := "contract" if {
	document.kind == "contract"
} else := "product"

default _matches(_, _) := false

_matches(pattern, name) if {
	pattern != ""
	regex.match(pattern, name)
}

_documents[file] := count(items) if some file, items in _by_file

_by_file[item.file] contains index if some index, item in tree.items

_stem(file) := regex.replace(steps[count(steps) - 1], `(?i)\.(ya?ml|json)$`, "") if steps := split(replace(file, `\`, "/"), "/")

# Names of files that say what they are and nothing more, and the marks of versions.
_generic := {"contract", "contracts", "product", "products", "data", "datacontract", "dataproduct", "odcs", "odps", ""}

_words(text) := {word |
	some word in regex.split(`[-_.:/ ]+`, lower(regex.replace(text, `([a-z0-9])([A-Z])`, `${1}_$2`)))
	not regex.match(`^v?[0-9]+$`, word)
}

# A domain before the name, or a part that the folder says, may be in one of the two only.
default _called_so(_, _) := false

_called_so(stem, names) if {
	some name in names
	count(stem - name) == 0
}

_called_so(stem, names) if {
	some name in names
	count(name) > 0
	count(name - stem) == 0
}
