package test.rules.clinic.administrators

import data.rules.clinic.administrators
import data.test.inputs

test_an_override_is_marked_for_the_audit_log if {
	[flag] := [reason | some reason in administrators.permit] with input as inputs.override
	flag.code == "override.administrator"
	flag.audit == true
}

test_others_raise_no_flag_and_get_no_permit if {
	every given in [inputs.care, inputs.dispensing, inputs.research, {}] {
		administrators.permit == set() with input as given
	}
	administrators.permit == set() with input as inputs.with_user(inputs.override, {"attributes": {"seniority": 4}})
	administrators.permit == set() with input as inputs.without(inputs.override, "context/reason")
}
