# METADATA
# title: Fields are for those who are cleared for their classification
# description: |
#   The contract of a data product classifies each field. A field becomes null unless a clearance in
#   data.lib.classification names its level, a role of the user and the purpose. A level that is not known counts
#   as the highest. A leaf without a contract, or in a format whose fields can't be compared with it, is denied.
# custom:
#   code: org.classification
package rules.org.classification

# METADATA
# title: No contract describes this data
deny contains {
	"code": "contract.missing",
	"title": "No data product has a contract for this data. Ask its owner to add one.",
} if not _described

# METADATA
# title: Nobody can say whether this data is what its contract says
deny contains {
	"code": "contract.unverifiable",
	"title": "Data of this format can't be compared with its contract before it is read.",
} if not _comparable

# METADATA
# title: Fields above the user's clearance
mask contains {"path": field.path, "action": "null"} if {
	some field in input.resource.fields
	not _cleared(field.classification)
}

default _described := false

_described if is_array(input.resource.fields)

default _comparable := false

_comparable if input.resource.format in data.lib.classification.compared_formats

default _cleared(_) := false

_cleared(classification) if {
	some clearance in data.lib.classification.clearances
	_level(classification) in clearance.levels
	_role(clearance.roles)
	_purpose(clearance.purposes)
}

_level(classification) := classification if {
	classification in data.lib.classification.levels
} else := _highest

_highest := data.lib.classification.levels[count(data.lib.classification.levels) - 1]

default _role(_) := false

_role(roles) if {
	is_array(roles)
	"*" in roles
} else if {
	is_array(input.user.roles)
	some role in input.user.roles
	is_array(roles)
	role in roles
}

default _purpose(_) := false

_purpose(purposes) if {
	is_array(purposes)
	"*" in purposes
} else if {
	is_array(purposes)
	input.context.purpose in purposes
}
