package test.access.composition.marked

import data.access.composition

flag := {"code": "t.flag", "title": "Somebody ought to know", "audit": true}

rules := {"t": {
	"flags": {"permit": {flag, "t.quiet"}},
	"flags_nothing": {"permit": {{"code": "t.quiet", "audit": "true"}, {"code": "t.also_quiet"}}},
	"denies": {"deny": {"t.denies"}},
}}

decision(names) := decided if {
	layers := [{"name": "organisation", "rules": [["t", name] | some name in names]}]
	decided := composition.decision(layers) with data.rules as rules
}

told := {"code": "t.flag", "title": "Somebody ought to know", "rule": "t.flags", "layer": "organisation"}

test_a_permit_tells_what_a_rule_marked_for_the_audit_log if {
	decision(["flags"]) == {"allow": true, "reasons": [told]}
}

test_it_tells_nothing_else if {
	decision(["flags_nothing"]) == {"allow": true, "reasons": []}
}

test_a_denial_tells_why_not_and_no_mark if {
	decision(["flags", "denies"]) == {"allow": false, "reasons": [{
		"code": "t.denies",
		"rule": "t.denies",
		"layer": "organisation",
	}]}
}

test_both_decisions_tell_their_marks if {
	one := decision(["flags"])
	composition.both(one, decision(["flags_nothing"])) == one
}

test_a_mark_never_stands_for_a_reason_of_a_record_that_is_denied if {
	masking := {"t": {"flags": {"permit": {flag}, "mask": {{"path": "a", "action": "null"}}}}}
	layers := [{"name": "organisation", "rules": [["t", "flags"]]}]
	composition.record_decision(layers) == {"allow": false, "masks": set(), "reasons": [{"code": "policy.mask_malformed"}]} with data.rules as masking
}
