package test.rules.hr.zip_code

import data.rules.hr.zip_code
import data.test.inputs

hidden := {{"path": "/address", "action": "null"}}

blurred := {
	{"path": "/address/streetAddressNumber", "action": "null"},
	{"path": "/address/streetName", "action": "null"},
	{"path": "/address/zipCode", "action": "partial", "maskLast": 1, "fill": "*"},
	{"path": "/workLocation/address/streetAddressNumber", "action": "null"},
	{"path": "/workLocation/address/streetName", "action": "null"},
	{"path": "/workLocation/address/zipCode", "action": "partial", "maskLast": 1, "fill": "*"},
}

manager := inputs.with_fact(inputs.bob, "DUTY_OF_CARE", "hr.zip_code", {"manages": true})

test_hr_staff_read_addresses_for_any_purpose if {
	every purpose in ["SALARY", "DUTY_OF_CARE", "STAFF_REPORT", "", "something else"] {
		zip_code.mask == set() with input as inputs.of(inputs.alice, purpose)
	}
}

test_managers_read_addresses_in_their_duty_of_care if {
	zip_code.mask == set() with input as manager
	zip_code.mask == set() with input as object.union(manager, {"user": inputs.eve})
}

test_estates_see_where_without_the_exact_place if {
	every purpose in array.concat(inputs.not_text("DUTY_OF_CARE"), ["SALARY", "DUTY_OF_CARE"]) {
		zip_code.mask == blurred with input as inputs.of(inputs.bob, purpose)
	}
}

test_managers_get_no_more_for_other_purposes if {
	every purpose in array.concat(inputs.not_text("DUTY_OF_CARE"), ["SALARY"]) {
		given := object.union(manager, {"context": {"purpose": purpose}})
		zip_code.mask == blurred with input as given
		zip_code.mask == hidden with input as object.union(given, {"user": inputs.eve})
	}
}

test_who_does_not_manage_does_not_read_addresses if {
	every manages in inputs.not_true {
		given := inputs.with_fact(inputs.eve, "DUTY_OF_CARE", "hr.zip_code", {"manages": manages})
		zip_code.mask == hidden with input as given
	}
}

test_others_do_not_see_the_home_address if {
	every roles in array.concat(inputs.not_roles, [["IT"], "ESTATES", ["estates"], {"ESTATES": true}]) {
		user := object.union(inputs.eve, {"roles": roles})
		zip_code.mask == hidden with input as inputs.of(user, "DUTY_OF_CARE")
	}
}

test_whatever_is_missing_hides if {
	every path in ["context", "context/purpose", "facts", "facts/hr.zip_code", "facts/hr.zip_code/manages"] {
		zip_code.mask == blurred with input as inputs.without(manager, path)
	}
	every path in ["user", "user/roles"] {
		zip_code.mask == hidden with input as inputs.without(inputs.of(inputs.alice, "SALARY"), path)
	}
	zip_code.mask == hidden with input as {}
}
