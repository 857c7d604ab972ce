# METADATA
# title: Addresses are for those who need them
# description: |
#   Addresses stay readable to HR staff, and to the employee's managers when they act on their duty of care.
#   ESTATES sees where people live and work without the exact place; others don't see the home address.
# custom:
#   code: hr.zip_code
#   facts:
#     manages: {any: "/manager/**/uid", equals: user.id}
package rules.hr.zip_code

import data.lib.users

# METADATA
# title: Where the employee lives and works
mask contains field if {
	not _needs_address
	some field in _fields
}

default _needs_address := false

_needs_address if {
	users.has_role(input.user, "HR")
} else if {
	input.context.purpose == "DUTY_OF_CARE"
	input.facts["hr.zip_code"].manages == true
}

default _fields := [{"path": "/address", "action": "null"}]

_fields := [
	{"path": "/address/streetAddressNumber", "action": "null"},
	{"path": "/address/streetName", "action": "null"},
	{"path": "/address/zipCode", "action": "partial", "maskLast": 1, "fill": "*"},
	{"path": "/workLocation/address/streetAddressNumber", "action": "null"},
	{"path": "/workLocation/address/streetName", "action": "null"},
	{"path": "/workLocation/address/zipCode", "action": "partial", "maskLast": 1, "fill": "*"},
] if {
	users.has_role(input.user, "ESTATES")
}
