package test.rules.clinic.doctors

import data.rules.clinic.doctors
import data.test.inputs

hour := 3600000

decides(given, codes) if {
	{reason.code | some reason in doctors.deny} == codes with input as given
	doctors.permit == {"care.doctor" | count(codes) == 0} with input as given
}

test_doctors_on_duty_and_overriding_administrators_pass if {
	decides(inputs.care, set())
	decides(inputs.override, set())
}

test_reading_and_updating_are_one_rule if {
	every action in ["read", "update"] {
		decides(inputs.with_context(inputs.care, {"action": action}), set())
	}
	decides(inputs.with_context(inputs.care, {"action": "delete"}), {"care.not_doctor"})
}

# 1970-01-01T09:00Z and 17:00Z, and the same hours some fifty years later.
test_the_shift_follows_the_time_of_the_read if {
	given := inputs.with_user(inputs.care, {"attributes": {"shift": {"from": 9, "to": 17}}})
	every days in [0, 20000] {
		midnight := (days * 24) * hour
		decides(object.union(given, {"now": midnight + (9 * hour)}), set())
		decides(object.union(given, {"now": midnight + (17 * hour)}), {"care.off_duty"})
	}
}

test_others_do_not_act_as_doctors if {
	every roles in inputs.not_roles("doctor") {
		decides(inputs.with_user(inputs.care, {"roles": roles}), {"care.not_doctor"})
	}
	every purpose in ["RESEARCH", "", "care", null, 1] {
		decides(inputs.with_context(inputs.care, {"purpose": purpose}), {"care.not_doctor"})
	}
	decides(inputs.dispensing, {"care.not_doctor", "care.off_duty"})
}

test_whatever_is_missing_denies if {
	every path in ["context", "context/purpose", "user/roles"] {
		decides(inputs.without(inputs.care, path), {"care.not_doctor"})
	}
	every path in ["now", "user/attributes", "user/attributes/shift"] {
		decides(inputs.without(inputs.care, path), {"care.off_duty"})
	}
	decides({}, {"care.not_doctor", "care.off_duty"})
}
