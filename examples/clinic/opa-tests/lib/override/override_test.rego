package test.lib.override

import data.lib.override
import data.test.inputs

reason := {"reason": "incident 4711: wrong dose"}

test_senior_administrators_who_say_why if {
	override.granted(inputs.dave, reason)
	override.granted(object.union(inputs.dave, {"attributes": {"seniority": 5}}), reason)
}

test_seniority_is_a_number_of_five_or_more if {
	every seniority in array.concat(inputs.not_numbers, [4, 0, -6, 5.5]) {
		not override.granted(object.union(inputs.dave, {"attributes": {"seniority": seniority}}), reason)
	}
	not override.granted(inputs.without(inputs.dave, "attributes/seniority"), reason)
}

test_others_are_not_administrators_however_senior if {
	every roles in inputs.not_roles("administrator") {
		user := {"id": "eve", "active": true, "roles": roles, "attributes": {"seniority": 9}}
		not override.granted(user, reason)
	}
}

test_a_reason_is_written_down if {
	every other in [null, 1, "", "because", "          .         ", ["incident 4711: wrong dose"], {}] {
		not override.granted(inputs.dave, {"reason": other})
	}
	not override.granted(inputs.dave, {})
}
