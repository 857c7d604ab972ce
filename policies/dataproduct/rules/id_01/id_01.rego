# METADATA
# title: An identity of its own
# description: |
#   The id is a UUID or a URN, no other document of the tree has it, and it stays the same for the same file.
# custom:
#   id: ID-01
#   severity: error
#   scope: document
#   also: tree
#   regulation: ["ISO 27001 A.5.9", "BCBS 239 P2"]
#   remedy: Give the document a UUID of its own, and keep it for good.
package dataproduct.rules.id_01

import data.dataproduct.lib.changes
import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.tree
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

applies if tree.several

applies if changes.present

deny contains {"path": document.path(["id"]), "msg": "The id is missing, or neither a UUID nor a URN."} if {
	document.governed
	not _identity(values.text(document.body, "id"))
}

deny contains {"file": item.file, "path": array.concat(item.base, ["id"]), "msg": msg} if {
	some key, items in _same
	count(items) > 1
	some item in items
	msg := sprintf("%d documents have the id %s.", [count(items), key[1]])
}

deny contains {"file": pair.current.file, "path": array.concat(pair.current.base, ["id"]), "msg": msg} if {
	some pair in changes.documents
	pair.base.file == pair.current.file
	pair.base.id != pair.current.id
	msg := sprintf("The id was \"%s\" and is \"%s\".", [pair.base.id, pair.current.id])
}

_same[[item.kind, item.id]] contains item if {
	some item in array.concat(tree.contracts, tree.products)
	item.id != ""
}

default _identity(_) := false

_identity(id) if {
	count(id) == 36
	[count(part) | some part in split(id, "-")] == [8, 4, 4, 4, 12]
	regex.match(`^[0-9a-fA-F-]+$`, id)
}

_identity(id) if {
	startswith(id, "urn:")
	regex.match(`^urn:[A-Za-z0-9][A-Za-z0-9-]*:[^\s]+$`, id)
	count(split(id, ":")[1]) <= 32
}
