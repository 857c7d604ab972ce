package test.rules.hr.duty_of_care

import data.rules.hr.duty_of_care
import data.test.inputs

hidden := {
	{"path": "/contactNumbers", "action": "null"},
	{"path": "/emergencyContacts", "action": "null"},
	{"path": "/sex", "action": "null"},
}

manager := inputs.with_fact(inputs.bob, "DUTY_OF_CARE", "hr.duty_of_care", {"manages": true})

test_hr_staff_read_contacts_in_their_duty_of_care if {
	duty_of_care.mask == set() with input as inputs.of(inputs.alice, "DUTY_OF_CARE")
}

test_managers_read_contacts_in_their_duty_of_care if {
	duty_of_care.mask == set() with input as manager
}

test_other_purposes_hide_contacts if {
	every purpose in array.concat(inputs.not_text("DUTY_OF_CARE"), ["SALARY", "STAFF_REPORT"]) {
		duty_of_care.mask == hidden with input as inputs.of(inputs.alice, purpose)
		duty_of_care.mask == hidden with input as object.union(manager, {"context": {"purpose": purpose}})
	}
}

test_who_does_not_manage_does_not_read_contacts if {
	every manages in inputs.not_true {
		given := inputs.with_fact(inputs.bob, "DUTY_OF_CARE", "hr.duty_of_care", {"manages": manages})
		duty_of_care.mask == hidden with input as given
	}
}

test_a_fact_of_another_rule_does_not_count if {
	given := inputs.with_fact(inputs.bob, "DUTY_OF_CARE", "hr.zip_code", {"manages": true})
	duty_of_care.mask == hidden with input as given
}

test_whatever_is_missing_hides_contacts if {
	every path in ["context", "context/purpose", "facts", "facts/hr.duty_of_care", "facts/hr.duty_of_care/manages"] {
		duty_of_care.mask == hidden with input as inputs.without(manager, path)
	}
	every path in ["user", "user/roles"] {
		duty_of_care.mask == hidden with input as inputs.without(inputs.of(inputs.alice, "DUTY_OF_CARE"), path)
	}
	duty_of_care.mask == hidden with input as {}
}

test_no_role_but_hr_counts if {
	every roles in array.concat(inputs.not_roles, [["ESTATES"], ["IT"]]) {
		user := object.union(inputs.alice, {"roles": roles})
		duty_of_care.mask == hidden with input as inputs.of(user, "DUTY_OF_CARE")
	}
}
