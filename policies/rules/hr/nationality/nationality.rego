# METADATA
# title: Nationality is for staff reports
# description: Nationality stays readable to HR staff who report on the staff.
# custom:
#   code: hr.nationality
package rules.hr.nationality

import data.lib.users

# METADATA
# title: The employee's nationality
mask contains {"path": "/nationality", "action": "null"} if not _reports

default _reports := false

_reports if {
	input.context.purpose == "STAFF_REPORT"
	users.has_role(input.user, "HR")
}
