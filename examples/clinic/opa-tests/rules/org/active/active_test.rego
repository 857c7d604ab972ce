package test.rules.org.active

import data.rules.org.active
import data.test.inputs

test_active_staff_ask if {
	active.permit == {"staff.active"} with input as inputs.care
	active.deny == set() with input as inputs.care
}

test_anybody_else_is_told_why_not if {
	every value in inputs.not_true {
		given := inputs.with_user(inputs.override, {"active": value})
		active.permit == set() with input as given
		{reason.code | some reason in active.deny} == {"staff.suspended"} with input as given
	}
	count(active.deny) == 1 with input as inputs.without(inputs.care, "user/active")
	count(active.deny) == 1 with input as {}
}
