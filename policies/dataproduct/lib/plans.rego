# METADATA
# title: Resources in Terraform plans
# description: |
#   Reads `terraform show -json`: `resource_changes`, and of `planned_values` (root and child modules) what is not among them. A value that
#   is unknown until it is applied is absent from both, and so counts as missing; `unknown` tells it apart in messages.
package dataproduct.lib.plans

import data.dataproduct.lib.document
import data.dataproduct.lib.tree
import data.dataproduct.lib.values

# METADATA
# title: The resources of the plan under check; none for any other document
default resources := []

resources := resources_of(document.body) if document.current.format == "terraform-plan"

# METADATA
# title: The resources of every plan of a tree, as a list with file
in_tree := [{"file": item.file, "resources": resources_of(item.body)} |
	some item in tree.items
	item.format == "terraform-plan"
]

# METADATA
# title: The resources of a plan
# description: |
#   Each: `type`, `address`, `path`, `values`, `unknown`, `place` (the address without indexes), and by attribute the places
#   that its configuration refers to, `references`.
resources_of(plan) := [resource |
	some found in array.concat(changed, planned)
	place := _place(found.address)
	resource := object.union(found, {"place": place, "references": object.get(configured, place, {})})
] if {
	changed := _changed(plan)
	known := {found.address | some found in changed}
	planned := [found | some found in _planned(plan); not found.address in known]
	configured := _configured(plan)
}

# METADATA
# title: Those of a type
of_type(all, type) := [resource | some resource in all; resource.type == type]

# METADATA
# title: Those of a type that belong to another, by its name or, where that is still unknown, by the configuration
# description: The attribute holds the other's name, as `bucket` does.
belonging(all, type, key, target) := [resource | some resource in all; resource.type == type; _belongs(resource, key, target)]

default _belongs(_, _, _) := false

_belongs(resource, key, target) if {
	name := values.text(resource.values, key)
	name != ""
	name == values.text(target.values, key)
}

_belongs(resource, key, target) if {
	values.text(resource.values, key) == ""
	target.place in values.texts(values.member(resource.references, key))
}

# METADATA
# title: The blocks of a name in what Terraform gives as list or, in some providers, as object
blocks(value, key) := list if {
	list := values.member(value, key)
	is_array(list)
} else := [block] if {
	block := values.member(value, key)
	is_object(block)
} else := []

# METADATA
# title: What is said of a value that is not as it must be
said(resource, key, what) := concat(" ", [resource.address, "leaves", what, "unknown until it is applied."]) if {
	values.member(resource.unknown, key) == true
} else := concat(" ", [resource.address, "does not set", concat("", [what, "."])])

_changed(plan) := [resource |
	some index, entry in values.list(plan, "resource_changes")
	values.member(entry, "mode") != "data"
	change := values.map(entry, "change")
	not values.member(change, "actions") in [["delete"], ["forget"], ["no-op", "delete"]]
	resource := {
		"type": values.text(entry, "type"),
		"address": _address(entry, index),
		"path": ["resource_changes", index],
		"values": values.map(change, "after"),
		"unknown": values.map(change, "after_unknown"),
	}
]

_planned(plan) := [resource |
	held := values.map(plan, "planned_values")
	walk(held, [path, entries])
	path[count(path) - 1] == "resources"
	is_array(entries)
	some index, entry in entries
	values.member(entry, "mode") != "data"
	resource := {
		"type": values.text(entry, "type"),
		"address": _address(entry, index),
		"path": array.concat(array.concat(["planned_values"], path), [index]),
		"values": values.map(entry, "values"),
		"unknown": {},
	}
]

_address(entry, _) := address if {
	address := values.text(entry, "address")
	address != ""
} else := concat(".", [values.text(entry, "type"), _named(entry)])

_named(entry) := name if {
	name := values.text(entry, "name")
	name != ""
} else := "(unnamed)"

_place(address) := regex.replace(address, `\[[^\]]*\]`, "")

# The configuration names resources by their place in their own module.
_configured(plan) := {place: references |
	held := values.map(plan, "configuration")
	walk(held, [path, entry])
	path[count(path) - 2] == "resources"
	is_object(entry)
	module := [concat(".", ["module", path[index + 1]]) | some index, step in path; step == "module_calls"]
	place := concat(".", array.concat(module, [values.text(entry, "address")]))
	references := {key: targets |
		some key, expression in values.map(entry, "expressions")
		targets := [target |
			some reference in values.texts(values.member(expression, "references"))
			target := concat(".", array.concat(module, [reference]))
		]
	}
}
