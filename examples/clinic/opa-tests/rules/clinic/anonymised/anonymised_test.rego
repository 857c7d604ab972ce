package test.rules.clinic.anonymised

import data.rules.clinic.anonymised
import data.test.inputs

masks := {
	{"path": "/patientId", "action": "hash"},
	{"path": "/sampledAt", "action": "date", "to": "year"},
}

of(fact) := inputs.with_facts(inputs.research, "clinic.anonymised", {"anonymised": fact})

denied(given) if {
	anonymised.permit == set() with input as given
	{reason.code | some reason in anonymised.deny} == {"research.not_anonymised"} with input as given
}

test_anonymised_results_are_seen_with_identifying_fields_masked if {
	anonymised.permit == {"research.anonymised"} with input as of(true)
	anonymised.deny == set() with input as of(true)
	anonymised.mask == masks with input as of(true)
}

test_others_are_not_and_would_be_masked_all_the_same if {
	every fact in inputs.not_true {
		denied(of(fact))
		anonymised.mask == masks with input as of(fact)
	}
	denied(inputs.research)
	denied({})
	anonymised.mask == masks with input as {}
}

test_an_override_sees_every_result_as_it_is if {
	given := inputs.with_facts(inputs.override, "clinic.anonymised", {"anonymised": false})
	anonymised.permit == {"research.anonymised"} with input as given
	anonymised.deny == set() with input as given
	anonymised.mask == set() with input as given
}
