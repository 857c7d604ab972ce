# METADATA
# title: Breaking changes and weakening, by direction
package test.dataproduct.breaking

import data.dataproduct
import data.test.dataproduct.fixtures

_field := {
	"name": "grade", "id": "f-1", "logicalType": "string", "description": "d", "classification": "internal", "unit": "eur", "semanticType": "pay",
	"unique": true, "enum": ["a", "b"], "logicalTypeOptions": {"maxLength": 10, "minLength": 2, "pattern": "^a"},
	"quality": [{"id": "q", "dimension": "conformity", "mustBeLessThan": 5, "mustBeGreaterThan": 1}],
}

_base := json.patch(fixtures.contract, [{"op": "add", "path": "/schema/0/properties/3", "value": _field}])

# The rules of other scopes have their own tests.
_rules(before, after) := {rule |
	some rule, name in {"CHG-01": "chg_01", "CHG-02": "chg_02"}
	denied := dataproduct.rules[name].deny with input as _change(before, after) with time.now_ns as fixtures.noon
	count(denied) > 0
}

_change(before, after) := [{"path": "change", "contents": {
	"kind": "Change",
	"base": [{"path": sprintf("f%d", [index]), "contents": document} | some index, document in before],
	"current": [{"path": sprintf("f%d", [index]), "contents": document} | some index, document in after],
}}]

_contract(op) := _rules([_base], [json.patch(_base, [op])])

_set(key, value) := _contract({"op": "add", "path": concat("/", ["/schema/0/properties/3", key]), "value": value})

_unset(key) := _contract({"op": "remove", "path": concat("/", ["/schema/0/properties/3", key])})

test_what_readers_rely_on_needs_a_major_version if {
	every key in ["name", "logicalType", "physicalType", "unit", "semanticType"] {
		"CHG-01" in _set(key, "other")
	}
	every key in ["primaryKey", "partitioned"] {
		"CHG-01" in _set(key, true)
		_set(key, false) == set()
	}
	every key in ["unit", "semanticType", "unique", "enum"] {
		"CHG-01" in _unset(key)
		"CHG-01" in _set(key, null)
	}
	"CHG-01" in _set("unique", "true")
	"CHG-01" in _set("enum", ["a", "b", "c"])
	"CHG-01" in _set("enum", [{"value": "a"}, {"value": "z"}])
	"CHG-01" in _set("logicalTypeOptions/maxLength", 11)
	"CHG-01" in _set("logicalTypeOptions/minLength", 1)
	"CHG-01" in _unset("logicalTypeOptions/maxLength")
	"CHG-01" in _unset("logicalTypeOptions")
	"CHG-01" in _set("logicalTypeOptions/pattern", "^b")
	"CHG-01" in _contract({"op": "remove", "path": "/schema/0/properties/3"})
}

test_what_gets_stricter_for_readers_is_no_break if {
	_set("required", true) == set()
	_set("enum", ["a"]) == set()
	_set("enum", [{"value": "b"}, {"value": "a"}]) == set()
	_set("logicalTypeOptions/maxLength", 9) == set()
	_set("logicalTypeOptions/minLength", 3) == set()
	_set("description", "other") == set()
	_contract({"op": "add", "path": "/schema/0/properties/-", "value": {"name": "more", "required": true}}) == set()
}

# An input port of somebody uses the contract, and no output port.
_fed := json.patch(fixtures.profile, [
	{"op": "add", "path": "/dataProduct/inputPorts/0/contractId", "value": fixtures.contract.id},
	{"op": "remove", "path": "/dataProduct/outputPorts/0/contractId"},
])

_input(op) := _rules([_base, _fed], [json.patch(_base, [op]), _fed])

_input_set(key, value) := _input({"op": "add", "path": concat("/", ["/schema/0/properties/3", key]), "value": value})

test_what_producers_keep_to_is_the_other_way_round if {
	"CHG-01" in _input_set("required", true)
	"CHG-01" in _input_set("enum", ["a"])
	"CHG-01" in _input_set("logicalTypeOptions/maxLength", 9)
	"CHG-01" in _input_set("logicalTypeOptions/minLength", 3)
	"CHG-01" in _input_set("logicalTypeOptions/pattern", "^b")
	"CHG-01" in _input_set("logicalType", "integer")
	"CHG-01" in _input({"op": "add", "path": "/schema/0/properties/-", "value": {"name": "more", "required": true}})
	_input_set("enum", ["a", "b", "c"]) == set()
	_input_set("logicalTypeOptions/maxLength", 11) == set()
	_input({"op": "remove", "path": "/schema/0/properties/0/required"}) == set()
	_input({"op": "remove", "path": "/schema/0/properties/3"}) == set()
}

test_fields_are_matched_by_id_then_name if {
	swapped := json.patch(_base, [
		{"op": "replace", "path": "/schema/0/properties/3/name", "value": "email"},
		{"op": "replace", "path": "/schema/0/properties/1/name", "value": "grade"},
	])
	"CHG-01" in _rules([_base], [swapped])
	twice := json.patch(_base, [{"op": "add", "path": "/schema/0/properties/-", "value": {"name": "email", "logicalType": "integer", "classification": "internal"}}])
	_rules([twice], [twice]) == set()
	_rules([_base], [json.patch(_base, [{"op": "remove", "path": "/schema/0/properties/3/id"}])]) == set()
}

_gone := {"op": "remove", "path": "/schema/0/properties/3"}

_major := {"op": "replace", "path": "/version", "value": "2.0.0"}

_old(end) := json.patch(_base, [
	{"op": "replace", "path": "/id", "value": "0a7c9a18-1111-4222-8333-0123456789ab"},
	{"op": "replace", "path": "/status", "value": "deprecated"},
	{"op": "add", "path": "/slaProperties/-", "value": {"property": "endOfSupport", "value": end}},
])

test_the_old_version_stays_for_the_notice_period if {
	after := json.patch(_base, [_gone, _major])
	"CHG-01" in _rules([_base], [after])
	not "CHG-01" in _rules([_base], [after, _old("2027-03-01")])
	every end in ["2026-12-01", "2025-01-01", null, 17, "", "soon"] {
		"CHG-01" in _rules([_base], [after, _old(end)])
	}
	ended := json.patch(_base, [
		{"op": "replace", "path": "/status", "value": "deprecated"},
		{"op": "add", "path": "/slaProperties/-", "value": {"property": "endOfSupport", "value": "2026-11-01"}},
	])
	not "CHG-01" in _rules([ended], [json.patch(ended, [_gone, _major])])
}

test_versions_that_cannot_be_read_are_no_new_major if {
	every version in [null, 2, "", "two", ["2"]] {
		"CHG-01" in _rules([_base], [json.patch(_base, [_gone, {"op": "replace", "path": "/version", "value": version}]), _old("2027-03-01")])
	}
	"CHG-01" in _rules([json.remove(_base, ["/version"])], [json.patch(_base, [_gone, {"op": "remove", "path": "/version"}])])
}

test_moved_servers_and_ports_and_shorter_retention_break if {
	"CHG-01" in _contract({"op": "replace", "path": "/servers/0/location", "value": "s3://acme-prod-hr-staff/elsewhere"})
	"CHG-01" in _contract({"op": "remove", "path": "/servers/0"})
	"CHG-01" in _contract({"op": "replace", "path": "/slaProperties/0/value", "value": 1})
	port := {"op": "replace", "path": "/dataProduct/outputPorts/0/name", "value": "renamed"}
	"CHG-01" in _rules([fixtures.profile], [json.patch(fixtures.profile, [port])])
}

_masked(mask) := json.patch(_base, [{"op": "replace", "path": "/schema/0/properties/1/customProperties/1/value", "value": mask}])

test_masks_have_a_direction if {
	_rules([_masked("hash")], [_masked("deny")]) == set()
	"CHG-02" in _rules([_masked("deny")], [_masked("hash")])
	held := {"action": "hash", "environments": ["dev", "prod"], "clearFor": ["payroll"]}
	_rules([_masked(held)], [_masked(json.remove(held, ["/environments"]))]) == set()
	"CHG-02" in _rules([_masked(held)], [_masked(json.patch(held, [{"op": "replace", "path": "/environments", "value": ["prod"]}]))])
	"CHG-02" in _rules([_masked(held)], [_masked(json.patch(held, [{"op": "add", "path": "/clearFor/-", "value": "sales"}]))])
	_rules([_masked(held)], [_masked(json.patch(held, [{"op": "replace", "path": "/clearFor", "value": []}]))]) == set()
}

test_more_access_is_weaker_and_less_is_not if {
	role := {"role": "sales_reader", "access": "read", "firstLevelApprovers": "a", "secondLevelApprovers": "b"}
	more := json.patch(_base, [{"op": "add", "path": "/roles/-", "value": role}])
	"CHG-02" in _rules([_base], [more])
	_rules([more], [_base]) == set()
	writing := json.patch(_base, [{"op": "replace", "path": "/roles/0/access", "value": "write"}])
	"CHG-02" in _rules([_base], [writing])
	_rules([writing], [_base]) == set()
}

test_quality_rules_may_be_added_and_tightened if {
	"CHG-02" in _unset("quality/0")
	"CHG-02" in _unset("quality")
	"CHG-02" in _set("quality/0/mustBeLessThan", 6)
	"CHG-02" in _set("quality/0/mustBeGreaterThan", 0)
	"CHG-02" in _unset("quality/0/mustBeLessThan")
	"CHG-02" in _set("quality/0/mustBeLessThan", "4")
	_set("quality/0/mustBeLessThan", 4) == set()
	_set("quality/0/mustBeGreaterThan", 2) == set()
	_contract({"op": "add", "path": "/schema/0/properties/3/quality/-", "value": {"id": "r"}}) == set()
}

test_wholes_may_not_sink if {
	said := json.patch(_base, [{"op": "add", "path": "/schema/0/classification", "value": "restricted"}])
	"CHG-02" in _rules([said], [json.patch(said, [{"op": "replace", "path": "/schema/0/classification", "value": "internal"}])])
	"CHG-02" in _rules([said], [json.patch(said, [{"op": "remove", "path": "/schema/0/classification"}])])
	every place in ["/dataProduct/classification", "/dataProduct/outputPorts/0/classification"] {
		every value in ["public", null, 17, "unknown"] {
			"CHG-02" in _rules([fixtures.profile], [json.patch(fixtures.profile, [{"op": "replace", "path": place, "value": value}])])
		}
	}
}

test_levels_and_switches_have_a_direction if {
	"CHG-02" in _contract({"op": "replace", "path": "/slaProperties/1/value", "value": 99})
	"CHG-02" in _contract({"op": "replace", "path": "/slaProperties/2/value", "value": 5})
	"CHG-02" in _contract({"op": "remove", "path": "/slaProperties/2"})
	_contract({"op": "replace", "path": "/slaProperties/1/value", "value": 99.95}) == set()
	_contract({"op": "replace", "path": "/slaProperties/2/value", "value": 3}) == set()
	"CHG-02" in _contract({"op": "replace", "path": "/customProperties/5/value/atRest", "value": false})
	"CHG-02" in _contract({"op": "replace", "path": "/customProperties/5/value/key", "value": "platform"})
	"CHG-02" in _contract({"op": "replace", "path": "/servers/0/customProperties/0/value/tlsOnly", "value": null})
	"CHG-02" in _contract({"op": "replace", "path": "/customProperties/6/value/allowed", "value": ["inference"]})
	"CHG-02" in _contract({"op": "replace", "path": "/customProperties/6/value/textAndDataMining", "value": "permitted"})
}

_waivers(expires) := {"kind": "Waivers", "waivers": [{"rule": "SCH-01", "scope": {"file": "a"}, "reason": "r", "owner": "o", "ticket": "t", "expires": expires}]}

test_a_prolonged_waiver_needs_an_approval if {
	"CHG-02" in _rules([_waivers("2026-12-01")], [_waivers("2027-12-01")])
	_rules([_waivers("2026-12-01")], [_waivers("2026-11-30")]) == set()
	_rules([_waivers("2026-12-01")], [_waivers("2026-12-01")]) == set()
}

test_a_policy_may_keep_data_for_less if {
	not "CHG-02" in _rules([fixtures.profile], [_with_expression("retention_days <= 365")])
	"CHG-02" in _rules([fixtures.profile], [_with_expression("retention_days <= 3700")])
	"CHG-02" in _rules([fixtures.profile], [json.remove(fixtures.profile, ["/dataProduct/policies/0"])])
}

_with_expression(text) := json.patch(fixtures.profile, [{"op": "replace", "path": "/dataProduct/policies/0/expression", "value": text}])
