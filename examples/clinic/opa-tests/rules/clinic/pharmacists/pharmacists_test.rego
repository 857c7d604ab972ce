package test.rules.clinic.pharmacists

import data.rules.clinic.pharmacists
import data.test.inputs
import data.test.roles

test_the_role_and_overriding_administrators_pass if {
	roles.passes("pharmacists", inputs.dispensing)
	roles.passes("pharmacists", inputs.override)
	pharmacists.permit == {"dispensing.pharmacist"} with input as inputs.dispensing
}

test_nobody_else_does_and_is_told_so if {
	roles.only_the_role("pharmacists", inputs.dispensing)
	{reason.code | some reason in pharmacists.deny} == {"dispensing.not_pharmacist"} with input as inputs.care
}

test_no_other_purpose_or_action_does if roles.only_its_purpose_to_read("pharmacists", inputs.dispensing)

test_what_a_caller_claims_to_be_or_to_want_opens_nothing if roles.no_claims("pharmacists", inputs.dispensing)

test_whatever_is_missing_denies if roles.nothing_missing("pharmacists", inputs.dispensing)
