package test.rules.hr.nationality

import data.rules.hr.nationality
import data.test.inputs

hidden := {{"path": "/nationality", "action": "null"}}

report := inputs.of(inputs.alice, "STAFF_REPORT")

test_hr_staff_read_nationality_for_staff_reports if {
	nationality.mask == set() with input as report
}

test_other_purposes_hide_nationality if {
	every purpose in array.concat(inputs.not_text("STAFF_REPORT"), ["SALARY", "DUTY_OF_CARE"]) {
		nationality.mask == hidden with input as inputs.of(inputs.alice, purpose)
	}
}

test_no_role_but_hr_counts if {
	every roles in array.concat(inputs.not_roles, [["ESTATES"], ["IT"]]) {
		user := object.union(inputs.alice, {"roles": roles})
		nationality.mask == hidden with input as inputs.of(user, "STAFF_REPORT")
	}
}

test_whatever_is_missing_hides_nationality if {
	every path in ["context", "context/purpose", "user", "user/roles"] {
		nationality.mask == hidden with input as inputs.without(report, path)
	}
	nationality.mask == hidden with input as {}
}
