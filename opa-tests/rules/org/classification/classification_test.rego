package test.rules.org.classification

import data.rules.org.classification
import data.test.inputs

fields := [
	{"path": "/team", "classification": "public"},
	{"path": "/grade", "classification": "internal"},
	{"path": "/name", "classification": "confidential"},
	{"path": "/salary", "classification": "restricted"},
]

asked(user, purpose) := object.union(inputs.of(user, purpose), {"resource": {"fields": fields}})

masked(found) := {mask.path | some mask in found}

codes(found) := {reason.code | some reason in found}

test_who_is_cleared_for_the_highest_level_sees_all if {
	classification.mask == set() with input as asked(inputs.alice, "SALARY")
}

test_the_purpose_decides_too if {
	masked(classification.mask) == {"/salary"} with input as asked(inputs.alice, "STAFF_REPORT")
	every purpose in array.concat(inputs.not_text("SALARY"), ["something else"]) {
		masked(classification.mask) == {"/name", "/salary"} with input as asked(inputs.alice, purpose)
	}
}

test_others_see_what_is_for_everybody if {
	every user in [inputs.bob, inputs.eve] {
		masked(classification.mask) == {"/name", "/salary"} with input as asked(user, "SALARY")
	}
	every roles in inputs.not_roles {
		user := object.union(inputs.eve, {"roles": roles})
		masked(classification.mask) == {"/name", "/salary"} with input as asked(user, "SALARY")
	}
}

test_a_field_is_masked_as_null if {
	classification.mask == {{"path": "/salary", "action": "null"}} with input as asked(inputs.alice, "STAFF_REPORT")
}

test_an_unknown_level_counts_as_the_highest if {
	every level in ["", "secret", "Internal", "public ", null, 1, ["public"], {"level": "public"}] {
		given := object.union(
			inputs.of(inputs.alice, "STAFF_REPORT"),
			{"resource": {"fields": [{"path": "/x", "classification": level}]}},
		)
		masked(classification.mask) == {"/x"} with input as given
		cleared := object.union(given, {"context": {"purpose": "SALARY"}})
		classification.mask == set() with input as cleared
	}
}

test_a_clearance_that_lacks_a_part_clears_nobody if {
	every part in ["levels", "roles", "purposes"] {
		clearance := object.remove({"levels": ["restricted"], "roles": ["*"], "purposes": ["*"]}, [part])
		count(classification.mask) == 4 with input as asked(inputs.alice, "SALARY")
			with data.lib.classification.clearances as [clearance]
	}
	count(classification.mask) == 4 with input as asked(inputs.alice, "SALARY")
		with data.lib.classification.clearances as null
}

test_a_leaf_without_a_contract_is_denied if {
	classification.deny == set() with input as asked(inputs.eve, "")
	codes(classification.deny) == {"contract.missing"} with input as inputs.of(inputs.alice, "SALARY")
	codes(classification.deny) == {"contract.missing", "contract.unverifiable"} with input as {}
}

test_a_format_that_is_not_compared_is_denied if {
	given := object.union(asked(inputs.alice, "SALARY"), {"resource": {"format": "application/x-ndjson"}})
	codes(classification.deny) == {"contract.unverifiable"} with input as given
}

test_whatever_else_is_missing_hides if {
	every path in ["user", "user/roles", "context", "context/purpose"] {
		given := inputs.without(asked(inputs.alice, "SALARY"), path)
		masked(classification.mask) == {"/name", "/salary"} with input as given
	}
}
