package test.access.composition

import data.access.composition

# Rules that export every shape there is, right and wrong.
rules := {"t": {
	"permits": {"permit": {"t.permits"}},
	"permits_too": {"permit": {{"code": "t.permits_too", "title": "Also"}}},
	"could_permit": {"permit": set()},
	"denies": {"deny": {"t.denies"}},
	"denies_with_title": {"deny": {{"code": "t.titled", "title": "Why", "secret": 1}}},
	"denies_nothing": {"deny": set()},
	"permits_and_denies": {"permit": {"t.permits"}, "deny": {"t.denies"}},
	"masks": {"mask": {{"path": "/a", "action": "null"}}},
	"masks_too": {"mask": {{"path": "/b", "action": "null"}}},
	"masks_nothing": {"mask": set()},
}}

malformed := {"t": {
	"nothing": {},
	"other": {"allow": true},
	"permit_is_list": {"permit": ["t.permits"]},
	"permit_is_true": {"permit": true},
	"permit_is_object": {"permit": {"t.permits": true}},
	"deny_is_false": {"permit": {"t.permits"}, "deny": false},
	"deny_is_list": {"permit": {"t.permits"}, "deny": []},
	"mask_is_list": {"permit": {"t.permits"}, "mask": [{"path": "/a", "action": "null"}]},
	"mask_is_object": {"permit": {"t.permits"}, "mask": {}},
	"permits_empty": {"permit": {""}},
	"permits_false": {"permit": {false}},
	"permits_null": {"permit": {null}},
	"permits_without_code": {"permit": {{"title": "No code"}}},
	"permits_with_empty_code": {"permit": {{"code": ""}}},
	"permits_with_other_title": {"permit": {{"code": "t.permits", "title": 1}}},
	"permits_well_and_badly": {"permit": {"t.permits", null}},
	"text": "permit",
	"list": ["permit"],
	"null": null,
}}

layer(name, names) := {"name": name, "rules": [["t", rule] | some rule in names]}

organisation := layer("organisation", ["permits"])

denied(layers) if {
	composition.decision(layers).allow == false with data.rules as rules
	composition.record_decision(layers).allow == false with data.rules as rules
	composition.record_decision(layers).masks == set() with data.rules as rules
	count(composition.decision(layers).reasons) > 0 with data.rules as rules
}

permitted(layers) if {
	composition.decision(layers) == {"allow": true, "reasons": []} with data.rules as rules
}

codes(given) := {reason.code | some reason in reasons} if {
	reasons := composition.decision(given).reasons with data.rules as rules
}

test_the_organisation_permits if {
	permitted([organisation])
}

test_nothing_attached_denies if {
	denied([])
	codes([]) == {"policy.missing"}
}

test_layers_of_another_shape_deny if {
	every layers in [
		null, true, 1, "organisation", {}, {"organisation": organisation}, [null], [[]], ["organisation"],
		[organisation, null], [organisation, []], [organisation, "domain:t"], [organisation, {}],
		[organisation, {"name": "domain:t"}], [organisation, {"rules": [["t", "permits"]]}],
		[organisation, {"name": "domain:t", "rules": []}], [organisation, {"name": "domain:t", "rules": {}}],
		[organisation, {"name": "domain:t", "rules": {"a": ["t", "permits"]}}], [organisation, {"name": "domain:t", "rules": {["t", "permits"]}}],
		[organisation, {"name": "domain:t", "rules": null}], [organisation, {"name": 1, "rules": [["t", "permits"]]}],
		[organisation, layer("team:t", ["permits"])], [organisation, layer("", ["permits"])],
		[organisation, layer("Organisation", ["permits"])], {organisation}, [{"name": "organisation"}],
		[{"name": "organisation", "rules": []}],
	] {
		denied(layers)
	}
}

test_the_organisation_cannot_be_left_out if {
	denied([layer("domain:t", ["permits"])])
	denied([layer("domain:t", ["permits"]), layer("product:t/p", ["permits"])])
	"policy.missing" in codes([layer("domain:t", ["permits"])])
}

test_the_organisation_cannot_abstain if {
	denied([layer("organisation", ["masks"])])
	denied([layer("organisation", ["denies_nothing"])])
	codes([layer("organisation", ["masks"])]) == {"policy.no_permit"}
}

test_inside_a_layer_permits_unite if {
	permitted([layer("organisation", ["could_permit", "permits"])])
	permitted([layer("organisation", ["permits_too", "could_permit", "masks"])])
	denied([layer("organisation", ["could_permit"])])
}

test_a_denial_wins_wherever_it_is if {
	denied([layer("organisation", ["permits", "denies"])])
	denied([layer("organisation", ["permits_and_denies"])])
	denied([organisation, layer("domain:t", ["permits", "denies"])])
	denied([organisation, layer("product:t/p", ["denies"])])
}

test_layers_intersect if {
	permitted([organisation, layer("domain:t", ["permits"]), layer("product:t/p", ["permits_too"])])
	denied([organisation, layer("domain:t", ["could_permit"])])
	denied([organisation, layer("domain:t", ["permits"]), layer("product:t/p", ["could_permit"])])
	denied([layer("organisation", ["could_permit"]), layer("domain:t", ["permits"])])
}

test_a_layer_below_the_organisation_that_exports_no_permit_abstains if {
	permitted([organisation, layer("domain:t", ["masks", "denies_nothing"])])
	permitted([organisation, layer("product:t/p", ["denies_nothing"])])
	denied([organisation, layer("domain:t", ["masks", "could_permit"])])
}

test_a_rule_that_is_missing_denies if {
	every rule in [["t", "absent"], ["absent", "permits"], ["", "malformed"]] {
		denied([{"name": "organisation", "rules": [["t", "permits"], rule]}])
		denied([organisation, {"name": "domain:t", "rules": [rule]}])
		denied([organisation, {"name": "domain:t", "rules": [["t", "permits"], rule]}])
	}
	codes([organisation, layer("domain:t", ["absent"])]) == {"policy.rule_malformed"}
}

test_a_rule_that_is_named_in_another_shape_denies if {
	every rule in [null, true, 1, "t.permits", [], ["t"], ["t", "permits", "x"], ["t", 1], [1, "permits"], {"t": "permits"}, [["t"], "permits"]] {
		denied([{"name": "organisation", "rules": [["t", "permits"], rule]}])
		denied([organisation, {"name": "domain:t", "rules": [rule]}])
	}
}

test_a_rule_of_the_wrong_shape_denies if {
	every name, _ in malformed.t {
		every layers in [
			[layer("organisation", ["permits", name])],
			[organisation, layer("domain:t", [name])],
			[organisation, layer("product:t/p", ["permits", name])],
		] {
			together := object.union(rules, malformed)
			composition.decision(layers).allow == false with data.rules as together
			composition.record_decision(layers).allow == false with data.rules as together
			count(composition.decision(layers).reasons) > 0 with data.rules as together
		}
	}
}

test_a_denial_counts_whatever_it_says if {
	every reason in [null, false, 0, "", {}, [], {"title": "No code"}, {"code": 1}] {
		given := object.union(rules, {"t": {"odd": {"deny": {reason}}}})
		layers := [organisation, layer("domain:t", ["odd"])]
		composition.decision(layers).allow == false with data.rules as given
		composition.record_decision(layers).allow == false with data.rules as given
		expected := {{"code": "policy.reason_malformed", "rule": "t.odd", "layer": "domain:t"}}
		reasons := composition.decision(layers).reasons with data.rules as given
		{reason | some reason in reasons} == expected
	}
}

test_a_denial_says_the_rule_and_the_layer_and_no_more_than_code_and_title if {
	composition.decision([organisation, layer("domain:t", ["denies_with_title", "denies"])]) == {
		"allow": false,
		"reasons": [
			{"code": "t.denies", "rule": "t.denies", "layer": "domain:t"},
			{"code": "t.titled", "title": "Why", "rule": "t.denies_with_title", "layer": "domain:t"},
		],
	} with data.rules as rules
}

test_masks_unite_over_all_layers if {
	composition.record_decision([
		layer("organisation", ["permits", "masks"]),
		layer("domain:t", ["masks", "masks_nothing"]),
		layer("product:t/p", ["masks_too"]),
	]) == {
		"allow": true,
		"masks": {{"action": "null", "path": "/a"}, {"action": "null", "path": "/b"}},
		"reasons": [],
	} with data.rules as rules
}

test_a_record_that_is_denied_has_no_masks if {
	composition.record_decision([layer("organisation", ["permits", "masks", "denies"])]).masks == set() with data.rules as rules
}

test_a_mask_that_cannot_be_read_denies if {
	every mask in [
		null, true, "/a", [], {}, {"path": "/a"}, {"action": "null"}, {"path": "a", "action": "null"},
		{"path": 1, "action": "null"}, {"path": "/a", "action": "keep"}, {"path": "/a", "action": null},
		{"path": "/a", "action": ""}, ["/a", "null"],
	] {
		given := object.union(rules, {"t": {"odd": {"mask": {mask}}}})
		layers := [organisation, layer("domain:t", ["masks", "odd"])]
		composition.record_decision(layers) == {
			"allow": false,
			"masks": set(),
			"reasons": [{"code": "policy.mask_malformed"}],
		} with data.rules as given
	}
}

test_every_action_of_a_mask_is_known if {
	every action in ["null", "constant", "partial", "hash", "truncate", "date", "round", "remove"] {
		given := object.union(rules, {"t": {"acts": {"mask": {{"path": "/a", "action": action}}}}})
		layers := [organisation, layer("domain:t", ["acts"])]
		composition.record_decision(layers).allow == true with data.rules as given
	}
}

test_both_must_allow if {
	yes := {"allow": true, "reasons": []}
	no := {"allow": false, "reasons": [{"code": "t.no"}]}
	composition.both(yes, yes) == yes
	composition.both(yes, no) == no
	composition.both(no, yes) == no
	composition.both(no, no) == {"allow": false, "reasons": [{"code": "t.no"}, {"code": "t.no"}]}
}
