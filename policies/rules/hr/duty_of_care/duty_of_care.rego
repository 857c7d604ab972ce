# METADATA
# title: Contacts are for those who care for an employee
# description: |
#   Contact numbers, emergency contacts and sex stay readable to HR staff and to the employee's managers when
#   they act on their duty of care.
# custom:
#   code: hr.duty_of_care
#   facts:
#     manages: {any: "/manager/**/uid", equals: user.id}
package rules.hr.duty_of_care

import data.lib.users

# METADATA
# title: How the employee and their family are reached
mask contains field if {
	not _cares
	some field in [
		{"path": "/contactNumbers", "action": "null"},
		{"path": "/emergencyContacts", "action": "null"},
		{"path": "/sex", "action": "null"},
	]
}

default _cares := false

_cares if {
	input.context.purpose == "DUTY_OF_CARE"
	_responsible
}

default _responsible := false

_responsible if {
	users.has_role(input.user, "HR")
} else if {
	input.facts["hr.duty_of_care"].manages == true
}
