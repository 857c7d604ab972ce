package test.rules.hr.bank_details

import data.rules.hr.bank_details
import data.test.inputs

hidden := {
	{"path": "/bankDetails", "action": "null"},
	{"path": "/taxCode", "action": "null"},
	{"path": "/salaryAmount", "action": "constant", "value": -1},
	{"path": "/salaryBonus", "action": "constant", "value": -1},
}

salary := inputs.of(inputs.alice, "SALARY")

test_trained_hr_staff_read_pay_to_pay_salaries if {
	bank_details.mask == set() with input as salary
}

test_other_purposes_hide_pay if {
	every purpose in array.concat(inputs.not_text("SALARY"), ["DUTY_OF_CARE", "STAFF_REPORT"]) {
		bank_details.mask == hidden with input as inputs.of(inputs.alice, purpose)
	}
}

test_hr_staff_without_payroll_training_do_not_read_pay if {
	every training in [null, "PAYROLL_TRAINING_COURSE", [], ["payroll_training_course"], {"PAYROLL_TRAINING_COURSE": true}] {
		user := object.union(inputs.alice, {"attributes": {"training": training}})
		bank_details.mask == hidden with input as inputs.of(user, "SALARY")
	}
}

test_trained_users_of_other_roles_do_not_read_pay if {
	every roles in array.concat(inputs.not_roles, [["ESTATES"], ["IT"]]) {
		user := object.union(inputs.alice, {"roles": roles})
		bank_details.mask == hidden with input as inputs.of(user, "SALARY")
	}
}

test_whatever_is_missing_hides_pay if {
	every path in ["context", "context/purpose", "user", "user/roles", "user/attributes", "user/attributes/training"] {
		bank_details.mask == hidden with input as inputs.without(salary, path)
	}
	bank_details.mask == hidden with input as {}
}
