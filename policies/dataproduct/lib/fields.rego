# METADATA
# title: The fields of a contract, nested ones included
# description: |
#   Each field: `path`, `name`, `value` (an object, empty where the document has none), `classification`, `category`,
#   `masking`, `depth`. Gathered once a document, level by level: Rego has no recursion, and `walk` would visit every scalar.
package dataproduct.lib.fields

import data.dataproduct.lib.document
import data.dataproduct.lib.levels
import data.dataproduct.lib.values

# METADATA
# title: Levels of nesting that are read; deeper ones are a finding of INT-01
depth_max := 8

# METADATA
# title: The schema objects (tables, topics) of the document under check
objects := objects_of(document.current)

# METADATA
# title: The schema objects of a document
objects_of(seen) := [held |
	some part in document.parts_of(seen, "schema")
	held := object.union(part, {"name": values.text(part.value, "name")})
]

# METADATA
# title: The fields of the document under check
all := of(document.current)

# METADATA
# title: The fields of a document
of(seen) := fields if {
	first := [field | some held in objects_of(seen); some field in _children(held)]
	second := _next(first)
	third := _next(second)
	fourth := _next(third)
	fifth := _next(fourth)
	sixth := _next(fifth)
	seventh := _next(sixth)
	eighth := _next(seventh)
	levels := [first, second, third, fourth, fifth, sixth, seventh, eighth]
	fields := [field | some level in levels; some field in level]
}

# METADATA
# title: Fields whose children are beyond the levels that are read
too_deep := [field |
	some field in all
	_beyond(field)
]

default _beyond(_) := false

_beyond(field) if {
	field.depth == depth_max
	some holder in _holders(field)
	count(holder.list) > 0
}

_beyond(field) if {
	field.nested
	count(_inside(_inner(field))) > 0
}

# METADATA
# title: Fields that hold personal data, special categories included
# description: A category that the organisation may not know counts as personal too.
personal := [field | some field in all; not field.category in {"", "none"}]

# METADATA
# title: Does the document under check hold personal data, in a field or by its own word?
default holds_personal := false

holds_personal if count(personal) > 0

holds_personal if {
	document.governed
	category := document.custom("category")
	not category in {null, "none"}
}

# METADATA
# title: The critical data elements; a mark that is not a boolean counts as true
critical := [field |
	some field in all
	not object.get(field.value, "criticalDataElement", false) in {false, null}
]

# METADATA
# title: The most sensitive field of each schema object, with its rank, by the object's place
highest[index] := found if {
	some index, ranks in _by_object
	top := max(ranks)
	found := {"rank": top, "field": all[min(_places[[index, top]])]}
}

_by_object[index] contains rank if some [index, rank], _ in _places

_places[[field.path[1], levels.rank(field.classification)]] contains place if some place, field in all

_next(fields) := [child |
	some field in fields
	field.nested
	some child in _children(field)
]

_children(parent) := [field |
	some holder in _holders(parent)
	some index, value in holder.list
	field := _field(parent, array.concat(holder.path, [index]), value)
]

_holders(parent) := [holder |
	some place in places(parent)
	holder := {"path": array.concat(place.path, ["properties"]), "list": values.list(place.value, "properties")}
]

# METADATA
# title: Where an object or field may have properties, in itself and in what its lists and maps hold
# description: An element has no name, so it is no level of its own.
places(parent) := array.concat([_self(parent)], array.concat(_outer(parent), array.concat(_middle(parent), _inner(parent)))) if {
	parent.nested
} else := [_self(parent)]

_self(parent) := {"path": parent.path, "value": values.object_of(parent.value)}

_outer(parent) := _inside([_self(parent)])

_middle(parent) := _inside(_outer(parent))

_inner(parent) := _inside(_middle(parent))

_inside(places) := [place |
	some held in places
	some steps in [["items"], ["map", "key"], ["map", "value"]]
	element := object.get(held.value, steps, null)
	is_object(element)
	place := {"path": array.concat(held.path, steps), "value": element}
]

_field(parent, path, value) := {
	"path": path,
	"name": name,
	"label": label,
	"field_label": label,
	"value": values.object_of(value),
	"classification": values.text(value, "classification"),
	"category": _category(value),
	"nested": _nested(value),
	"depth": object.get(parent, "depth", 0) + 1,
} if {
	name := _name(value, path[count(path) - 1])
	label := concat(".", [object.get(parent, "field_label", parent.name), name])
}

_name(value, _) := name if {
	name := values.text(value, "name")
	name != ""
} else := _id(value)

_id(value) := id if {
	id := values.text(value, "id")
	id != ""
} else := "(unnamed)"

_category(value) := category if {
	value.customProperties
	category := _said(values.custom(value, "category"))
} else := ""

_said(null) := ""

_said(said) := text if {
	text := values.text_of(said)
	text != ""
} else := "(invalid)" if {
	said != null
}

default _nested(_) := false

_nested(value) if value.properties

_nested(value) if value.items

_nested(value) if value.map
