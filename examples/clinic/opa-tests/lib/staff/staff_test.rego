package test.lib.staff

import data.lib.staff
import data.test.inputs

test_who_has_a_role_has_it_in_a_list if {
	staff.has_role(inputs.alice, "doctor")
	every roles in inputs.not_roles("doctor") {
		not staff.has_role({"roles": roles}, "doctor")
	}
	not staff.has_role({}, "doctor")
}

test_a_role_is_acted_in_for_its_purpose if {
	staff.acts_as(inputs.bob, "pharmacist", {"purpose": "DISPENSING"})
	every context in [{}, {"purpose": "CARE"}, {"purpose": ["DISPENSING"]}, {"purpose": null}] {
		not staff.acts_as(inputs.bob, "pharmacist", context)
	}
	not staff.acts_as(inputs.bob, "doctor", {"purpose": "CARE"})
	not staff.acts_as(inputs.dave, "administrator", {"purpose": "CARE"})
}

test_doctors_read_and_update_and_others_only_read if {
	every action in ["read", "update"] {
		staff.acts_as(inputs.alice, "doctor", {"purpose": "CARE", "action": action})
	}
	staff.acts_as(inputs.bob, "pharmacist", {"purpose": "DISPENSING", "action": "read"})
	every action in ["update", "delete", "", null, 1, ["read"], "READ"] {
		not staff.acts_as(inputs.bob, "pharmacist", {"purpose": "DISPENSING", "action": action})
		not staff.acts_as(inputs.carol, "researcher", {"purpose": "RESEARCH", "action": action})
	}
	not staff.acts_as(inputs.alice, "doctor", {"purpose": "CARE", "action": "delete"})
}
