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
# title: Fields of contracts that changed
# description: |
#   Each: `pair`, `name`, `before`, `after` (null where there was or is none). Matched by id, else by the names on their path; of
#   equal names the first with the first.
fields_changed := array.concat(_kept_or_gone, _added)

_kept_or_gone := [{"pair": pair, "name": before.label, "before": before, "after": after} |
	some number, pair in documents
	some index, before in _fields[number].base
	after := _after(number, index, before)
	before != after
]

_added := [{"pair": pair, "name": after.label, "before": null, "after": after} |
	some number, pair in documents
	taken := {path | some index, before in _fields[number].base; path := values.member(_after(number, index, before), "path")}
	some after in _fields[number].current
	not after.path in taken
]

_fields := [{"base": _contract_fields(pair.base), "current": _contract_fields(pair.current)} | some pair in documents]

_contract_fields(seen) := fields.of(seen) if {
	seen.kind == "contract"
} else := []

_after(number, _, before) := _fields[number].current[index] if {
	id := values.text(before.value, "id")
	id != ""
	places := _by_field_id[[number, "current", id]]
	count(places) == 1
	count(_by_field_id[[number, "base", id]]) == 1
	some index in places
} else := after if {
	after := _by_key[[number, "current", before.label, _ordinal(number, "base", before.label, _place(number, before))]]
	not _taken_by_id(number, after)
} else := null

_place(number, before) := index if {
	some index in _labels[[number, "base", before.label]]
	_fields[number].base[index].path == before.path
}

default _taken_by_id(_, _) := false

_taken_by_id(number, after) if {
	id := values.text(after.value, "id")
	id != ""
	count(_by_field_id[[number, "base", id]]) == 1
	count(_by_field_id[[number, "current", id]]) == 1
}

_by_field_id[[number, side, id]] contains index if {
	some number, sides in _fields
	some side, held in sides
	some index, field in held
	id := values.text(field.value, "id")
	id != ""
}

_labels[[number, side, field.label]] contains index if {
	some number, sides in _fields
	some side, held in sides
	some index, field in held
}

_by_key[[number, side, label, _ordinal(number, side, label, index)]] := _fields[number][side][index] if {
	some [number, side, label], places in _labels
	some index in places
}

_ordinal(number, side, label, index) := 0 if {
	count(_labels[[number, side, label]]) == 1
	index >= 0
} else := count([place | some place in _labels[[number, side, label]]; place < index])

# METADATA
# title: The parts of a list in both states, by their names; of equal names the first with the first
# description: Each has `name`, `before`, `after` (parts with path and value, null where there was or is none).
parts_changed(pair, key) := [{"name": name[0], "before": _at(before, name), "after": _at(after, name)} |
	before := _named(pair.base, key)
	after := _named(pair.current, key)
	some name in (object.keys(before) | object.keys(after))
	_at(before, name) != _at(after, name)
]

# object.get would take a list as a path.
_at(parts, name) := part if {
	part := parts[name]
} else := null

_named(seen, key) := {[name, ordinal]: part |
	parts := document.parts_of(seen, key)
	some index, part in parts
	name := name_of(part.value)
	ordinal := count([place | some place, other in parts; place < index; name_of(other.value) == name])
}

# METADATA
# title: What a part is called
name_of(value) := names[0] if {
	names := [name | some key in ["name", "server", "role", "property", "id"]; name := values.text(value, key); name != ""]
} else := ""

# METADATA
# title: The waivers of both states, with those that expire later than before as pairs
waivers_prolonged := [{"item": item, "path": ["waivers", index], "rule": values.text(after, "rule"), "from": from, "to": to} |
	some item in all_current
	item.format == "waivers"
	some index, after in values.list(item.body, "waivers")
	some before in _waivers_before
	_same_waiver(before, after)
	from := values.text(before, "expires")
	to := values.text(after, "expires")
	from != to
	not to < from
]

_waivers_before := [waiver |
	some comparison in _comparisons
	some item in tree.items_of(values.list(comparison, "base"))
	item.format == "waivers"
	some waiver in values.list(item.body, "waivers")
]

default _same_waiver(_, _) := false

_same_waiver(before, after) if {
	values.text(before, "rule") == values.text(after, "rule")
	values.member(before, "scope") == values.member(after, "scope")
}

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
