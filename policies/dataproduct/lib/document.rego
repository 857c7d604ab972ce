# METADATA
# title: One document in one form, whichever standard it follows
# description: |
#   `view(document)` gives `kind` (contract, product, profile, other), `format` (odcs, odps, profile, …), `base` (the
#   path of its body), `body`, and `domain`. Lists of parts (ports, servers, members) carry each part with its path.
package dataproduct.lib.document

import data.dataproduct.lib.values

# METADATA
# title: The document under check as one text, to look once for what is rarely there
whole := json.marshal(input)

# METADATA
# title: Is that text so long that an expression finds a part in it faster than `contains`?
default long := false

long if count(whole) > 50000

# METADATA
# title: What kind of document it is
format(document) := "odcs" if {
	values.member(document, "kind") == "DataContract"
} else := "odps" if {
	values.member(document, "kind") == "DataProduct"
} else := lower(document.kind) if {
	values.member(document, "kind") in {"Waivers", "Approvals", "Change"}
} else := "profile" if {
	is_object(document)
	"dataProduct" in object.keys(document)
	not "schema" in object.keys(document)
} else := "terraform-plan" if {
	is_object(document)
	"format_version" in object.keys(document)
	{"planned_values", "resource_changes"} & object.keys(document) != set()
} else := "other"

# METADATA
# title: A document with what every rule needs to know of it
view(document) := {
	"format": form,
	"kind": _kind(form),
	"base": _base(form),
	"body": body,
	"domain": values.text(body, "domain"),
} if {
	form := format(document)
	body := _body(form, document)
}

# METADATA
# title: The document under check
current := view(input)

# METADATA
# title: The kind of the document under check
kind := current.kind

# METADATA
# title: Is a data product or a contract under check?
default governed := false

governed if kind in {"contract", "product", "profile"}

# METADATA
# title: Does the document under check have ports?
default has_ports := false

has_ports if kind in {"product", "profile"}

# METADATA
# title: The domain that the document under check belongs to
domain := current.domain

# METADATA
# title: The body of the document under check
body := current.body

# METADATA
# title: Where its body stands
base := current.base

# METADATA
# title: A path in the document under check
path(steps) := array.concat(base, steps)

# METADATA
# title: A custom property of the document under check
# description: Our profile may hold it as a member of its own as well.
custom(key) := value if {
	value := values.custom(body, key)
	value != null
} else := values.member(body, key) if {
	kind == "profile"
} else := null

# METADATA
# title: Where a custom property stands, or where it is missing
custom_path(key) := values.custom_path(base, body, key)

# METADATA
# title: The items of a list of the body, with their paths
parts_of(seen, key) := [part |
	some index, value in values.list(seen.body, key)
	part := {
		"path": array.concat(seen.base, [key, index]),
		"value": value,
		"label": values.label(value, index),
	}
]

# METADATA
# title: The output ports of the document under check
output_ports := parts_of(current, "outputPorts")

# METADATA
# title: The input ports
input_ports := parts_of(current, "inputPorts")

# METADATA
# title: The servers of a contract
servers := parts_of(current, "servers")

# METADATA
# title: The access roles of a contract
roles := parts_of(current, "roles")

# METADATA
# title: The policies of a product in our profile
policies := parts_of(current, "policies")

# METADATA
# title: The service levels of the document under check
service_levels := service_levels_of(current)

# METADATA
# title: The service levels of a document
service_levels_of(seen) := [part |
	some part in parts_of(seen, "slaProperties")
]

# METADATA
# title: The members of the team
# description: ODCS 3.0 has a list as `team`, later versions and ODPS an object with `members`.
members_of(seen) := [part |
	team := values.member(seen.body, "team")
	is_array(team)
	some index, value in team
	part := {"path": array.concat(seen.base, ["team", index]), "value": value}
] if {
	is_array(values.member(seen.body, "team"))
} else := [part |
	some index, value in values.list(values.member(seen.body, "team"), "members")
	part := {"path": array.concat(seen.base, ["team", "members", index]), "value": value}
]

# METADATA
# title: How important the document is, from 1, the most important, which also counts where nothing is said
tier := tier_of(current)

# METADATA
# title: How important any document is
tier_of(seen) := number if {
	number := values.custom(seen.body, "tier")
	number in {1, 2, 3}
} else := number if {
	seen.kind == "profile"
	number := values.member(seen.body, "tier")
	number in {1, 2, 3}
} else := 1

_kind("odcs") := "contract"

_kind("odps") := "product"

_kind("profile") := "profile"

_kind(form) := "other" if not form in {"odcs", "odps", "profile"}

_base(form) := ["dataProduct"] if {
	form == "profile"
} else := []

_body(form, document) := values.object_of(document.dataProduct) if {
	form == "profile"
} else := values.object_of(document)
