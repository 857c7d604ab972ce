# METADATA
# title: What holds of every rule that lets one role in
# description: Each takes the name of the rule below rules.clinic, and an input that it lets in.
package test.roles

import data.test.inputs

passes(rule, given) if {
	data.rules.clinic[rule].deny == set() with input as given
	count(data.rules.clinic[rule].permit) == 1 with input as given
}

denies(rule, given) if {
	data.rules.clinic[rule].permit == set() with input as given
	count(data.rules.clinic[rule].deny) == 1 with input as given
}

only_the_role(rule, given) if {
	every roles in inputs.not_roles(given.user.roles[0]) {
		denies(rule, inputs.with_user(given, {"roles": roles}))
	}
}

only_its_purpose_to_read(rule, given) if {
	every purpose in ["CARE", "INCIDENT", "", null, 1, lower(given.context.purpose)] {
		denies(rule, inputs.with_context(given, {"purpose": purpose}))
	}
	every action in ["update", "delete"] {
		denies(rule, inputs.with_context(given, {"action": action}))
	}
}

no_claims(rule, given) if {
	claims := {"role": given.user.roles[0], "roles": given.user.roles[0], "type": given.resource.type}
	denies(rule, inputs.with_context(inputs.care, claims))
}

nothing_missing(rule, given) if {
	every path in ["user", "user/roles", "context", "context/purpose"] {
		denies(rule, inputs.without(given, path))
	}
	denies(rule, {})
}
