package test.access.decisions

import data.access
import data.test.inputs

# Who gets to see which port, all rules together.
sees(given) := {id |
	some id, type in inputs.ports
	access.resource.allow == true with input as object.union(given, {"resource": {"id": id, "type": type}})
}

test_each_role_sees_its_port_and_no_other if {
	sees(inputs.care) == {inputs.patient_records}
	sees(inputs.dispensing) == {inputs.prescriptions}
	sees(inputs.research) == {inputs.trial_results}
}

test_an_administrator_with_a_reason_sees_all_and_each_read_is_flagged if {
	sees(inputs.override) == object.keys(inputs.ports)
	{reason.code | some reason in access.resource.reasons} == {"override.administrator"} with input as inputs.override
	sees(inputs.with_context(inputs.override, {"reason": ""})) == set()
}

test_a_suspended_account_sees_nothing_whatever_its_roles if {
	every given in [inputs.care, inputs.dispensing, inputs.research, inputs.override] {
		sees(inputs.with_user(given, {"active": false})) == set()
	}
}

test_what_a_caller_calls_a_resource_does_not_change_what_it_is if {
	lie := object.union(inputs.dispensing, {"resource": {"id": inputs.trial_results, "type": "clinic.Prescription"}})
	every given in [lie, inputs.with_context(lie, {"type": "prescription", "resource_type": "prescription"})] {
		access.resource.allow == false with input as given
		{reason.code | some reason in access.resource.reasons} == {"research.not_researcher"} with input as given
	}
}

test_a_list_of_requests_is_no_request if {
	every list in [[], [inputs.care], [inputs.care, inputs.override]] {
		access.user == {"allow": false, "reasons": [{"code": "policy.missing"}]} with input as list
		access.resource == {"allow": false, "reasons": [{"code": "policy.missing"}]} with input as list
		access.record.allow == false with input as list
	}
}

test_every_denial_says_why if {
	every given in [inputs.care, inputs.dispensing, inputs.research, inputs.with_user(inputs.override, {"roles": []})] {
		every id, type in inputs.ports {
			asked := object.union(given, {"resource": {"id": id, "type": type}})
			decision := access.resource with input as asked
			explained(decision)
		}
	}
}

explained(decision) if decision.allow

explained(decision) if {
	count(decision.reasons) > 0
	every reason in decision.reasons {
		reason.title != ""
		reason.rule != "?"
	}
}
