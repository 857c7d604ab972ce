# METADATA
# title: Parts that have another form than their standard gives them
# description: |
#   Rules take what is missing for empty: a mapping where a list belongs would hide what stands in it. The schema says so too, but only
#   `portcullis check` asks it. Fields are many: of each only what it has is looked at.
package dataproduct.lib.shapes

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.values

# METADATA
# title: What is wrong in the document under check, each with `path` and `msg`
problems contains {"path": array.concat(held.path, [key]), "msg": msg} if {
	some held in _holders
	some key in held.lists
	not _objects(held.value[key])
	msg := sprintf("%s is not a list of objects.", [_called(held, key)])
}

problems contains {"path": array.concat(field.path, [key]), "msg": msg} if {
	some field in fields.all
	some key in ["quality", "customProperties", "properties"]
	not _objects(field.value[key])
	msg := sprintf("%s is not a list of objects.", [_called(field, key)])
}

problems contains {"path": array.concat(field.path, [key]), "msg": msg} if {
	some field in fields.all
	field.nested
	some key in ["items", "map"]
	value := field.value[key]
	value != null
	not is_object(value)
	msg := sprintf("%s of %s is not an object.", [key, field.label])
}

problems contains {"path": array.concat(held.path, ["customProperties", index]), "msg": msg} if {
	some held in _with_properties
	some index, entry in values.list(held.value, "customProperties")
	is_object(entry)
	values.text(entry, "property") == ""
	msg := sprintf("An entry of %s has no property, so no rule knows what it says.", [_called(held, "customProperties")])
}

problems contains {"path": array.concat(held.path, ["customProperties", index]), "msg": msg} if {
	some held in _with_properties
	entries := values.list(held.value, "customProperties")
	some index, entry in entries
	name := values.text(entry, "property")
	name != ""
	some before in array.slice(entries, 0, index)
	values.text(before, "property") == name
	msg := sprintf("%s has %s twice, and rules take the first.", [_called(held, "customProperties"), name])
}

problems contains {"path": part.path, "msg": "The service level has no property, so no rule knows what it says."} if {
	some part in document.service_levels
	is_object(part.value)
	values.text(part.value, "property") == ""
}

_with_properties := array.concat(
	[held | some held in _holders; held.value.customProperties],
	[field | some field in fields.all; field.value.customProperties],
)

_holders := array.concat([_whole], array.concat(_parts, array.concat(_objects_held, _elements)))

_whole := {
	"path": document.base, "value": document.body, "label": "",
	"lists": ["schema", "servers", "roles", "slaProperties", "customProperties", "inputPorts", "outputPorts", "managementPorts", "support", "policies"],
}

_parts := [held |
	some key, lists in {
		"servers": ["customProperties"], "roles": ["customProperties"], "inputPorts": ["customProperties"],
		"outputPorts": ["customProperties", "inputContracts"], "managementPorts": ["customProperties"],
	}
	some part in document.parts_of(document.current, key)
	held := object.union(part, {"lists": lists})
]

_objects_held := [held |
	some part in fields.objects
	held := object.union(part, {"lists": ["properties", "quality", "customProperties"]})
]

# What lists and maps hold.
_elements := [held |
	some field in fields.all
	field.nested
	some index, place in fields.places(field)
	index > 0
	held := {"path": place.path, "value": place.value, "label": field.label, "lists": ["properties"]}
]

_called(held, key) := key if {
	held.label == ""
} else := sprintf("%s of %s", [key, held.label])

default _objects(_) := false

_objects(null)

_objects(value) if {
	is_array(value)
	every item in value {
		is_object(item)
	}
}
