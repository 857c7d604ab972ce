# METADATA
# title: Records are for HR, managers and ESTATES
# description: |
#   HR staff and the employee's managers get the whole record. ESTATES gets it without birth and hire date,
#   managers and grade. Nobody else gets it.
# custom:
#   code: hr.record_masking
#   facts:
#     manages: {any: "/manager/**/uid", equals: user.id}
package rules.hr.record_masking

import data.lib.users

# METADATA
# title: The user has nothing to do with this employee
deny contains "hr.record_masking" if not _concerned

# METADATA
# title: What ESTATES does not need
mask contains field if {
	not _entitled
	some field in [
		{"path": "/dateOfBirth", "action": "null"},
		{"path": "/manager", "action": "null"},
		{"path": "/hireDate", "action": "null"},
		{"path": "/grade", "action": "null"},
	]
}

default _concerned := false

_concerned if {
	_entitled
} else if {
	users.has_role(input.user, "ESTATES")
}

default _entitled := false

_entitled if {
	users.has_role(input.user, "HR")
} else if {
	input.facts["hr.record_masking"].manages == true
}
