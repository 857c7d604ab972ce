package test.rules.org.active

import data.rules.org.active
import data.test.inputs

suspended := {{
	"code": "user.suspended",
	"title": "This account is suspended. Ask the administrator of the user directory to activate it.",
}}

test_an_active_account_may_ask if {
	active.permit == {"user.active"} with input as inputs.of(inputs.eve, "")
	active.deny == set() with input as inputs.of(inputs.eve, "")
}

test_an_account_that_is_not_known_to_be_active_gets_nothing if {
	every state in inputs.not_true {
		given := inputs.of(object.union(inputs.alice, {"active": state}), "SALARY")
		active.permit == set() with input as given
		active.deny == suspended with input as given
	}
}

test_whatever_is_missing_denies if {
	every path in ["user", "user/active"] {
		given := inputs.without(inputs.of(inputs.alice, ""), path)
		active.permit == set() with input as given
		active.deny == suspended with input as given
	}
	active.permit == set() with input as {}
	active.deny == suspended with input as {}
}
