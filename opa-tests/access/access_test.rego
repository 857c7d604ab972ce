package test.access

import data.access
import data.test.inputs

asks(user, purpose) := {
	"user": user,
	"context": {"purpose": purpose},
	"request": {"resource": "file:/data/hr/"},
	"now": 1000,
}

# With facts that all rules share.
about(user, purpose, manages) := object.union(
	inputs.of(user, purpose),
	{"facts": {rule: {"manages": manages} |
		some rule in ["hr.record_masking", "hr.zip_code", "hr.duty_of_care"]
	}},
)

test_active_users_may_ask_below_the_data if {
	every user in [inputs.alice, inputs.bob, inputs.eve] {
		access.user == {"allow": true, "reasons": []} with input as asks(user, "")
	}
}

test_suspended_users_are_told_whom_to_ask if {
	given := asks(object.union(inputs.alice, {"active": false}), "SALARY")
	access.user == {
		"allow": false,
		"reasons": [{
			"code": "user.suspended",
			"title": "This account is suspended. Ask the administrator of the user directory to activate it.",
			"rule": "org.active",
			"layer": "organisation",
		}],
	} with input as given
}

test_where_nothing_is_attached_nobody_gets_anything if {
	every resource in ["file:/", "file:/other/", "file:/data", "s3://data/hr/"] {
		access.user == {"allow": false, "reasons": [{"code": "policy.missing"}]} with input.request.resource as resource
			with input.user as inputs.alice
			with input.context.purpose as "SALARY"
	}
}

test_the_second_file_shows_itself_to_hr_only if {
	every user, allow in {"Alice": true, "Bob": false, "Eve": false} {
		given := object.union(inputs.of(people[user], ""), {"resource": {"id": "file:/data/hr/employee_file1.avro"}})
		access.resource.allow == allow with input as given
	}
}

people := {"Alice": inputs.alice, "Bob": inputs.bob, "Eve": inputs.eve}

test_the_first_file_shows_itself_to_all if {
	every user in people {
		access.resource == {"allow": true, "reasons": []} with input as inputs.of(user, "")
	}
}

test_a_leaf_is_asked_for_as_if_itself_had_been_requested if {
	given := inputs.of(object.union(inputs.alice, {"active": false}), "")
	access.resource.allow == false with input as given
	attached := [{"resource": "file:/data/hr/employee_file0.avro", "user": [["org", "absent"]]}]
	access.resource.allow == false with input as inputs.of(inputs.alice, "") with data.attachments.product as {"p": attached}
}

test_records_are_for_hr_managers_and_estates if {
	access.record.allow == true with input as about(inputs.alice, "", false)
	access.record.allow == true with input as about(inputs.bob, "", false)
	access.record.allow == true with input as about(inputs.eve, "", true)
	access.record == {
		"allow": false,
		"masks": set(),
		"reasons": [{"code": "hr.record_masking", "rule": "hr.record_masking", "layer": "domain:hr"}],
	} with input as about(inputs.eve, "", false)
}

test_hr_staff_see_what_their_purpose_opens if {
	every purpose, hidden in {
		"SALARY": {"/contactNumbers", "/emergencyContacts", "/nationality", "/sex"},
		"DUTY_OF_CARE": {"/bankDetails", "/taxCode", "/salaryAmount", "/salaryBonus", "/nationality"},
		"STAFF_REPORT": {"/bankDetails", "/taxCode", "/salaryAmount", "/salaryBonus", "/contactNumbers", "/emergencyContacts", "/sex"},
	} {
		{mask.path | some mask in access.record.masks} == hidden with input as about(inputs.alice, purpose, false)
	}
}

test_the_guard_answers_as_the_record_does if {
	every user in people {
		every purpose in ["SALARY", "DUTY_OF_CARE", "STAFF_REPORT", "", "something else"] {
			every manages in [true, false] {
				given := about(user, purpose, manages)
				layers := access.attached with input as given
				record := access.record with input as given
				access.guard == record with input as object.union(given, {"layers": layers})
			}
		}
	}
}

test_every_entrypoint_denies_whatever_is_not_its_input if {
	every given in [null, true, 1, "x", [], {}, {"user": {}}, {"resource": {}}, {"request": {}}, {"resource": {"id": 1}}, {"request": {"resource": null}}] {
		access.user.allow == false with input as given
		access.resource.allow == false with input as given
		access.record.allow == false with input as given
		access.record.masks == set() with input as given
		access.guard.allow == false with input as given
		access.guard.masks == set() with input as given
		access.attached == [] with input as given
	}
}

test_a_purpose_that_is_missing_denies if {
	every path in ["context", "context/purpose"] {
		access.resource.allow == false with input as inputs.without(inputs.of(inputs.alice, "SALARY"), path)
		access.record.allow == false with input as inputs.without(about(inputs.alice, "SALARY", true), path)
	}
}

test_a_user_who_is_missing_denies if {
	access.user.allow == false with input as inputs.without(asks(inputs.alice, "SALARY"), "user")
	access.resource.allow == false with input as inputs.without(inputs.of(inputs.alice, "SALARY"), "user")
	access.record.allow == false with input as inputs.without(about(inputs.alice, "SALARY", false), "user")
}
