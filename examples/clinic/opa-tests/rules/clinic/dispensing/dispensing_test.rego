package test.rules.clinic.dispensing

import data.rules.clinic.dispensing
import data.test.inputs

of(sensitivity) := inputs.with_facts(inputs.dispensing, "clinic.dispensing", {"sensitivity": sensitivity})

denied(given) if {
	dispensing.permit == set() with input as given
	{reason.code | some reason in dispensing.deny} == {"dispensing.sensitivity"} with input as given
}

test_low_sensitivity_is_dispensed_without_the_indication if {
	every sensitivity in ["1", "2"] {
		dispensing.permit == {"dispensing.prescription"} with input as of(sensitivity)
		dispensing.deny == set() with input as of(sensitivity)
		dispensing.mask == {{"path": "/indication", "action": "null"}} with input as of(sensitivity)
	}
}

test_from_three_on_it_is_not if {
	every sensitivity in ["3", "4", "5"] {
		denied(of(sensitivity))
	}
}

test_what_is_no_level_is_not_less_than_three if {
	every other in [null, true, 1, 0, "0", "-1", "", " 1", "1.5", "low", [], ["1"], {}] {
		denied(of(other))
	}
	denied(inputs.dispensing)
	denied({})
}

test_an_override_sees_all_of_it if {
	given := inputs.with_facts(inputs.override, "clinic.dispensing", {"sensitivity": "5"})
	dispensing.permit == {"dispensing.prescription"} with input as given
	dispensing.deny == set() with input as given
	dispensing.mask == set() with input as given
}
