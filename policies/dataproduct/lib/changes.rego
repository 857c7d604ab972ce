# METADATA
# title: Two states of a tree, document by document
# description: |
#   A comparison is a document of kind Change, `{"base": [{"path", "contents"}], "current": [...]}`. Documents are matched by id, then
#   by name, then by file, never by position.
package dataproduct.lib.changes

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.tree
import data.dataproduct.lib.values

# METADATA
# title: Is a comparison under check?
default present := false

present if count(_comparisons) > 0

_comparisons := [contents |
	some given in _given
	contents := values.member(given, "contents")
	document.format(contents) == "change"
]

_given := input if {
	is_array(input)
} else := [{"contents": input}]

# METADATA
# title: The documents before
base := [item | some comparison in _comparisons; some item in _governed(comparison, "base")]

# METADATA
# title: The documents after
current := [item | some comparison in _comparisons; some item in _governed(comparison, "current")]

# METADATA
# title: All documents after, approvals included
all_current := [item | some comparison in _comparisons; some item in tree.items_of(values.list(comparison, "current"))]

_governed(comparison, side) := [item |
	some item in tree.items_of(values.list(comparison, side))
	item.kind in {"contract", "product", "profile"}
]

# METADATA
# title: The documents that were and are, as pairs
documents := [{"base": before, "current": after} |
	some before in base
	some after in _match(before)
]

# METADATA
# title: The documents that are no more
removed := [before | some before in base; count(_match(before)) == 0]

_match(before) := [found[0]] if {
	before.id != ""
	found := _by_id[[before.kind, before.id]]
} else := [found[0]] if {
	name := values.text(before.body, "name")
	name != ""
	found := _by_name[[before.kind, name]]
} else := [found[0]] if {
	found := _by_file[[before.kind, before.file]]
} else := []

_by_id := _index("id")

_by_name := _index("name")

_by_file := _index("file")

_index(key) := {place: [after | some after in _places[key][place]] |
	some place, _ in _places[key]
}

_places.id[[item.kind, item.id]] contains item if some item in current

_places.name[[item.kind, values.text(item.body, "name")]] contains item if some item in current

_places.file[[item.kind, item.file]] contains item if some item in current

# METADATA
# title: Fields of contracts that changed, by the names on their path (null where there was or is none)
fields_changed := [{"pair": pair, "name": name, "before": object.get(before, name, null), "after": object.get(after, name, null)} |
	some pair in documents
	pair.current.kind == "contract"
	before := _by_label(pair.base)
	after := _by_label(pair.current)
	some name in (object.keys(before) | object.keys(after))
	object.get(before, name, null) != object.get(after, name, null)
]

# The label of a nested field has its parents' names, so that equal names in two objects stay apart.
_by_label(seen) := object.union_n([{field.label: field} | some field in fields.of(seen)])

# METADATA
# title: Does a recorded approval stand for a change? It names rule, document, path and both values, and who approved.
default approved(_, _, _, _, _) := false

approved(rule, item, path, from, to) if {
	some document in all_current
	document.format == "approvals"
	some approval in values.list(document.body, "approvals")
	values.member(approval, "rule") == rule
	values.text(approval, "product") in ({item.id, values.text(item.body, "name")} - {""})
	values.member(approval, "path") == path
	values.member(approval, "from") == from
	values.member(approval, "to") == to
	every key in ["approvedBy", "role", "ticket", "date"] {
		values.text(approval, key) != ""
	}
}
