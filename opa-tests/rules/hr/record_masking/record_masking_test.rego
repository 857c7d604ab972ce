package test.rules.hr.record_masking

import data.rules.hr.record_masking
import data.test.inputs

hidden := {
	{"path": "/dateOfBirth", "action": "null"},
	{"path": "/manager", "action": "null"},
	{"path": "/hireDate", "action": "null"},
	{"path": "/grade", "action": "null"},
}

manager(user) := inputs.with_fact(user, "", "hr.record_masking", {"manages": true})

test_hr_staff_get_the_whole_record if {
	record_masking.deny == set() with input as inputs.of(inputs.alice, "")
	record_masking.mask == set() with input as inputs.of(inputs.alice, "")
}

test_managers_get_the_whole_record_whatever_their_role if {
	every user in [inputs.bob, inputs.eve] {
		record_masking.deny == set() with input as manager(user)
		record_masking.mask == set() with input as manager(user)
	}
}

test_estates_get_the_record_with_four_fields_hidden if {
	record_masking.deny == set() with input as inputs.of(inputs.bob, "")
	record_masking.mask == hidden with input as inputs.of(inputs.bob, "")
}

test_others_do_not_get_the_record if {
	every roles in array.concat(inputs.not_roles, [["IT"], "ESTATES", ["estates"], {"ESTATES": true}]) {
		user := object.union(inputs.eve, {"roles": roles})
		record_masking.deny == {"hr.record_masking"} with input as inputs.of(user, "")
		record_masking.mask == hidden with input as inputs.of(user, "")
	}
}

test_who_does_not_manage_does_not_get_the_record if {
	every manages in inputs.not_true {
		given := inputs.with_fact(inputs.eve, "", "hr.record_masking", {"manages": manages})
		record_masking.deny == {"hr.record_masking"} with input as given
		record_masking.mask == hidden with input as given
	}
}

test_whatever_is_missing_denies if {
	every path in ["facts", "facts/hr.record_masking", "facts/hr.record_masking/manages"] {
		record_masking.deny == {"hr.record_masking"} with input as inputs.without(manager(inputs.eve), path)
	}
	every path in ["user", "user/roles"] {
		record_masking.deny == {"hr.record_masking"} with input as inputs.without(inputs.of(inputs.alice, ""), path)
	}
	record_masking.deny == {"hr.record_masking"} with input as {}
}
