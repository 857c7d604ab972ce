# METADATA
# title: Pay is for those who pay it
# description: |
#   Bank details, tax code, salary and bonus stay readable to HR staff with payroll training who work on
#   salaries.
# custom:
#   code: hr.bank_details
package rules.hr.bank_details

import data.lib.users

# METADATA
# title: What the employee is paid and where to
mask contains field if {
	not _pays_salaries
	some field in [
		{"path": "/bankDetails", "action": "null"},
		{"path": "/taxCode", "action": "null"},
		{"path": "/salaryAmount", "action": "constant", "value": -1},
		{"path": "/salaryBonus", "action": "constant", "value": -1},
	]
}

default _pays_salaries := false

_pays_salaries if {
	input.context.purpose == "SALARY"
	users.has_role(input.user, "HR")
	users.has_training(input.user, "PAYROLL_TRAINING_COURSE")
}
