# METADATA
# title: Two states of a tree
package test.dataproduct.change

import data.dataproduct
import data.test.dataproduct.fixtures

_after(patches) := json.patch(fixtures.contract, patches)

_found(documents) := {finding.rule |
	change := [{"path": "change", "contents": {
		"kind": "Change",
		"base": [{"path": "a.yaml", "contents": fixtures.contract}],
		"current": [{"path": sprintf("contract-%d.yaml", [index]), "contents": document} | some index, document in documents],
	}}]
	some finding in dataproduct.findings with input as change with time.now_ns as fixtures.noon
}

test_reordered_fields_are_no_change if {
	fields := fixtures.contract.schema[0].properties
	_found([_after([{"op": "replace", "path": "/schema/0/properties", "value": [fields[2], fields[0], fields[1]]}])]) == set()
}

test_required_that_is_taken_back_breaks_readers if "CHG-01" in _found([_after([{"op": "remove", "path": "/schema/0/properties/0/required"}])])

test_weakening_is_found if {
	some_path := "/schema/0/properties/1/classification"
	_found([_after([{"op": "replace", "path": some_path, "value": "public"}])]) == {"CHG-02"}
	_found([_after([{"op": "replace", "path": "/slaProperties/0/value", "value": 4}])]) == {"CHG-02"}
	_found([_after([{"op": "replace", "path": "/servers/0/region", "value": "eu-west-3"}])]) == {"CHG-02"}
	_found([_after([{"op": "remove", "path": "/roles/0/secondLevelApprovers"}])]) == {"CHG-02"}
	_found([_after([{"op": "remove", "path": "/schema/0/properties/1/customProperties/1"}])]) == {"CHG-02"}
}

test_a_recorded_approval_settles_it if {
	lower := _after([{"op": "replace", "path": "/schema/0/properties/1/classification", "value": "public"}])
	approval := {
		"rule": "CHG-02", "product": fixtures.contract.id, "path": ["schema", 0, "properties", 1], "from": "restricted", "to": "public",
		"approvedBy": "alice", "role": "privacy officer", "ticket": "T-1", "date": "2026-11-20",
	}
	_found([lower, {"kind": "Approvals", "approvals": [approval]}]) == set()
	_found([lower, {"kind": "Approvals", "approvals": [json.remove(approval, ["/ticket"])]}]) == {"CHG-02"}
}

test_another_id_in_the_same_file_is_found if {
	change := [{"path": "change", "contents": {
		"kind": "Change",
		"base": [{"path": "a.yaml", "contents": fixtures.contract}],
		"current": [{"path": "a.yaml", "contents": _after([{"op": "replace", "path": "/id", "value": "urn:other:id"}])}],
	}}]
	some finding in dataproduct.findings with input as change with time.now_ns as fixtures.noon
	finding.rule == "ID-01"
}

_tree(documents) := {finding.rule |
	tree := [{"path": sprintf("contract-%d.yaml", [index]), "contents": document} | some index, document in documents]
	some finding in dataproduct.findings with input as tree with time.now_ns as fixtures.noon
}

test_a_tree_that_holds_together_has_no_finding if _tree([fixtures.contract, fixtures.profile]) == set()

test_references_are_followed if {
	_tree([fixtures.profile]) == {"PORT-02"}
	_tree([fixtures.contract, fixtures.contract]) == {"ID-01"}
	port := {"op": "replace", "path": "/dataProduct/inputPorts/0/name", "value": "elsewhere"}
	_tree([fixtures.contract, json.patch(fixtures.profile, [port])]) == {"PORT-03"}
	public := {"op": "replace", "path": "/dataProduct/outputPorts/0/classification", "value": "public"}
	"CLS-04" in _tree([fixtures.contract, json.patch(fixtures.profile, [public])])
}

test_results_of_quality_checks if {
	dbt := {"metadata": {"generated_at": "2026-11-25T06:00:00Z"}, "results": [{"unique_id": "a", "status": "pass"}]}
	_tree([dbt]) == set()
	_tree([json.patch(dbt, [{"op": "replace", "path": "/results/0/status", "value": "new"}])]) == {"DQ-02"}
	_tree([json.patch(dbt, [{"op": "remove", "path": "/metadata/generated_at"}])]) == {"DQ-02"}
	_tree([{"checks": [{"path": "x", "outcome": "NOT_EVALUATED"}], "dataTimestamp": "2026-11-25T06:00:00Z"}]) == {"DQ-02"}
	_tree([{"success": true, "statistics": {"success_percent": null}, "results": []}]) == {"DQ-02"}
}

_inner(patches) := json.patch(fixtures.contract, array.concat([{"op": "replace", "path": "/id", "value": "urn:acme:inner"}], patches))

_fed := json.patch(fixtures.profile, [{"op": "add", "path": "/dataProduct/inputPorts/0/contractId", "value": "urn:acme:inner"}])

_rule(name, documents) := {found.msg |
	tree := [{"path": sprintf("contract-%d.yaml", [index]), "contents": document} | some index, document in documents]
	some found in dataproduct.rules[name].deny with input as tree with time.now_ns as fixtures.noon
}

test_a_level_is_not_better_than_what_comes_in if {
	_rule("slo_01", [fixtures.contract, _inner([]), _fed]) == set()
	count(_rule("slo_01", [fixtures.contract, _inner([{"op": "replace", "path": "/slaProperties/1/value", "value": 99}]), _fed])) == 1
	count(_rule("slo_01", [fixtures.contract, _inner([{"op": "replace", "path": "/slaProperties/2/value", "value": 5}]), _fed])) == 1
	_rule("slo_01", [fixtures.contract, _inner([{"op": "replace", "path": "/slaProperties/2/value", "value": 3}]), _fed]) == set()
}

test_input_contracts_are_somewhere if {
	_rule("lin_01", [fixtures.profile]) == set()
	unknown := {"op": "replace", "path": "/dataProduct/outputPorts/0/inputContracts/0/id", "value": "elsewhere"}
	count(_rule("lin_01", [json.patch(fixtures.profile, [unknown])])) == 1
	inner := {"op": "replace", "path": "/dataProduct/outputPorts/0/inputContracts/0/id", "value": "urn:acme:inner"}
	_rule("lin_01", [_inner([]), json.patch(fixtures.profile, [inner])]) == set()
}

test_a_contract_keeps_data_no_longer_than_its_product if {
	_rule("ret_02", [fixtures.contract, fixtures.profile]) == set()
	short := {"op": "replace", "path": "/dataProduct/policies/0/expression", "value": "retention_days <= 365"}
	count(_rule("ret_02", [fixtures.contract, json.patch(fixtures.profile, [short])])) == 1
}
