# METADATA
# title: Results of quality tools against what contracts declare
package test.dataproduct.quality

import data.dataproduct
import data.dataproduct.lib.quality
import data.test.dataproduct.fixtures

_named(tier) := json.patch(fixtures.contract, [
	{"op": "replace", "path": "/schema/0/quality", "value": [object.union(rule, {"name": concat("_", ["staff", rule.dimension])}) | some rule in fixtures.contract.schema[0].quality]},
	{"op": "replace", "path": "/customProperties/0/value", "value": tier},
	{"op": "add", "path": "/schema/0/properties/0/quality", "value": [{"id": "q1", "dimension": "conformity"}]},
])

_names := ["staff_completeness", "staff_uniqueness", "staff_conformity", "staff_timeliness", "q1"]

_soda(outcomes, at) := {
	"checks": [{"name": name, "outcome": object.get(outcomes, name, "PASSED")} | some name in _names; object.get(outcomes, name, "PASSED") != "absent"],
	"dataTimestamp": at,
}

_morning := "2026-11-25T06:00:00Z"

_found(documents) := [finding |
	tree := [{"path": sprintf("f%d", [index]), "contents": document} | some index, document in documents]
	some finding in dataproduct.findings with input as tree with time.now_ns as fixtures.noon
	finding.rule == "DQ-02"
]

test_results_without_a_fault_pass if {
	every tier in [1, 2, 3] {
		_found([_named(tier), _soda({}, _morning)]) == []
	}
	_found([_named(1), _soda({"q1": "WARN"}, _morning)]) == []
}

test_a_declared_check_without_a_result_is_a_finding if {
	every tier in [1, 2] {
		some finding in _found([_named(tier), _soda({"q1": "absent"}, _morning)])
		finding.file == "f0"
		finding.path == ["schema", 0, "properties", 0, "quality", 0]
	}
}

test_nothing_is_missing_without_any_result if _found([_named(1)]) == []

test_tier_1_passes_everything if {
	every outcome in ["FAILED", "NOT_EVALUATED", "EXCLUDED", "new", "", null, 17] {
		count(_found([_named(1), _soda({"q1": outcome}, _morning)])) == 1
	}
}

test_the_latest_result_of_a_check_counts if {
	bad := _soda({"q1": "FAILED"}, "2026-11-25T05:00:00Z")
	_found([_named(1), bad, _soda({}, _morning)]) == []
	count(_found([_named(1), _soda({"q1": "FAILED"}, _morning), _soda({}, "2026-11-25T05:00:00Z")])) == 1
	old := _soda({"q1": "FAILED"}, "2026-10-01T05:00:00Z")
	_found([_named(1), old, _soda({}, _morning)]) == []
	twice := {"metadata": {"generated_at": _morning}, "results": [{"unique_id": "a", "status": "fail"}, {"unique_id": "a", "status": "pass"}]}
	_found([twice]) == []
}

test_a_run_that_is_old_or_has_no_date_is_a_finding if {
	every at in ["2026-11-20T06:00:00Z", "2027-11-20T06:00:00Z", "", null, 17, "yesterday", "2026-02-30"] {
		count(_found([_named(1), _soda({}, at)])) == 1
	}
}

test_great_expectations_of_both_ages if {
	old := {"success": true, "expectation_config": {"expectation_type": "expect_x", "kwargs": {"column": "uid"}, "meta": {"quality_id": "q1"}}}
	new := {"success": true, "expectation_config": {"type": "expect_x", "id": "q1", "kwargs": {}}}
	every result in [old, new] {
		some check in quality.checks({"results": [result]})
		check.status == "pass"
		"q1" in check.ids
	}
	raised := object.union(old, {"exception_info": {"raised_exception": true}})
	[check.status | some check in quality.checks({"results": [raised]})] == ["error"]
	every said in ["false", 17, "", {}, []] {
		strange := object.union(old, {"exception_info": {"raised_exception": said}})
		[check.status | some check in quality.checks({"results": [strange]})] == ["error"]
	}
	[check.status | some check in quality.checks({"results": [object.union(old, {"success": false})]})] == ["fail"]
}

test_dbt_names_its_tests_in_the_unique_id if {
	results := {
		"metadata": {"generated_at": _morning, "dbt_schema_version": "v6"},
		"results": [{"unique_id": sprintf("test.staff.%s.0a1b2c", [name]), "status": "pass"} | some name in _names],
	}
	_found([_named(1), results]) == []
	count(_found([_named(1), json.remove(results, ["/results/4"])])) == 1
}

test_datacontract_names_the_contract if {
	results := {
		"dataContractId": fixtures.contract.id, "timestampEnd": _morning,
		"checks": [{"qualityId": name, "result": "passed"} | some name in _names],
	}
	_found([_named(2), results]) == []
	failed := json.patch(results, [{"op": "replace", "path": "/checks/0/result", "value": "unknown"}])
	count(_found([_named(2), failed])) == 1
}

test_empty_results_are_a_finding if {
	count(_found([{"success": true, "statistics": {"success_percent": null}, "results": []}])) == 2
}

_many := [{"id": sprintf("q%d", [number]), "dimension": "conformity"} | some number in numbers.range(1, 40)]

_many_results(bad) := {
	"checks": array.concat(
		_soda({"q1": "absent"}, _morning).checks,
		[{"name": rule.id, "outcome": ["PASSED", "FAILED"][count([1 | index < bad])]} | some index, rule in _many],
	),
	"dataTimestamp": _morning,
}

test_lower_tiers_are_held_to_the_share_of_their_dimension if {
	contract := json.patch(_named(2), [{"op": "replace", "path": "/schema/0/properties/0/quality", "value": _many}])
	_found([contract, _many_results(2)]) == []
	count(_found([contract, _many_results(3)])) == 3
}

test_a_result_without_its_list_is_a_result_all_the_same if {
	every listed in [null, 17, "", {}, []] {
		quality.results({"dataTimestamp": _morning, "checks": listed})
		quality.results({"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json"}, "results": listed})
		quality.results({"statistics": {}, "results": listed})
	}
	every document in [{"checks": []}, {"metadata": {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"}}, {"results": []}, null, [], 17] {
		not quality.results(document)
	}
}
