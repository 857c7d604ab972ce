package test.rules.clinic.researchers

import data.rules.clinic.researchers
import data.test.inputs
import data.test.roles

test_the_role_and_overriding_administrators_pass if {
	roles.passes("researchers", inputs.research)
	roles.passes("researchers", inputs.override)
	researchers.permit == {"research.researcher"} with input as inputs.research
}

test_nobody_else_does_and_is_told_so if {
	roles.only_the_role("researchers", inputs.research)
	{reason.code | some reason in researchers.deny} == {"research.not_researcher"} with input as inputs.care
}

test_no_other_purpose_or_action_does if roles.only_its_purpose_to_read("researchers", inputs.research)

test_what_a_caller_claims_to_be_or_to_want_opens_nothing if roles.no_claims("researchers", inputs.research)

test_whatever_is_missing_denies if roles.nothing_missing("researchers", inputs.research)
