package test.rules.clinic.treatment

import data.rules.clinic.treatment
import data.test.inputs

of(user, facts) := inputs.with_facts(inputs.with_user(inputs.care, user), "clinic.treatment", facts)

decides(given, codes) if {
	{reason.code | some reason in treatment.deny} == codes with input as given
	treatment.permit == {"care.patient" | count(codes) == 0} with input as given
}

test_patients_of_the_ward_up_to_the_clearance if {
	decides(of({}, {"own_ward": true, "sensitivity": 3}), set())
	decides(of({}, {"own_ward": true, "sensitivity": 4}), set())
	decides(of({}, {"own_ward": true, "sensitivity": 5}), {"care.clearance"})
	decides(of({}, {"own_ward": false, "sensitivity": 3}), {"care.other_ward"})
	decides(of({}, {"own_ward": false, "sensitivity": 5}), {"care.clearance", "care.other_ward"})
}

test_a_level_that_is_no_number_opens_nothing if {
	every other in inputs.not_numbers {
		decides(of({"attributes": {"clearance": other}}, {"own_ward": true, "sensitivity": 1}), {"care.clearance"})
		decides(of({}, {"own_ward": true, "sensitivity": other}), {"care.clearance"})
	}
}

test_an_override_sees_any_patient if {
	decides(inputs.with_facts(inputs.override, "clinic.treatment", {"own_ward": false, "sensitivity": 5}), set())
}

test_whatever_is_missing_denies if {
	given := of({}, {"own_ward": true, "sensitivity": 1})
	every other in inputs.not_true {
		decides(object.union(given, {"facts": {"clinic.treatment": {"own_ward": other}}}), {"care.other_ward"})
	}
	decides(inputs.without(given, "facts/clinic.treatment/own_ward"), {"care.other_ward"})
	every path in ["facts/clinic.treatment/sensitivity", "user/attributes/clearance", "user"] {
		decides(inputs.without(given, path), {"care.clearance"})
	}
	decides({}, {"care.clearance", "care.other_ward"})
}
