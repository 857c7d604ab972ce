# METADATA
# title: What is missing, null or of another type is a finding, never silence
package test.dataproduct.total

import data.dataproduct
import data.test.dataproduct.fixtures

test_a_conforming_contract_has_no_finding if {
	dataproduct.report.findings == [] with input as fixtures.contract with time.now_ns as fixtures.noon
}

test_a_conforming_product_has_no_finding if {
	dataproduct.report.findings == [] with input as fixtures.profile with time.now_ns as fixtures.noon
	dataproduct.validation == {"valid": true, "errors": []} with input as fixtures.profile with time.now_ns as fixtures.noon
}

_contract_cases := [
	["ID-01", "/id"],
	["INT-01", "/apiVersion"],
	["OWN-01", "/team"],
	["OWN-01", "/team/members"],
	["OWN-01", "/team/members/0/role"],
	["OWN-01", "/team/members/0/username"],
	["OWN-01", "/team/members/0/dateIn"],
	["OWN-02", "/team/members/1/role"],
	["OWN-02", "/team/members/2/role"],
	["OWN-02", "/support"],
	["OWN-02", "/support/0/channel"],
	["LIFE-01", "/status"],
	["SCH-01", "/schema"],
	["SCH-01", "/schema/0/description"],
	["SCH-01", "/schema/0/properties"],
	["SCH-01", "/schema/0/properties/0/logicalType"],
	["SCH-02", "/schema/0/properties/0/primaryKey"],
	["SCH-02", "/schema/0/quality"],
	["SCH-02", "/schema/0/properties/0/transformSourceObjects"],
	["CLS-01", "/schema"],
	["CLS-01", "/schema/0/properties/0/classification"],
	["CLS-02", "/schema/0/properties/1/customProperties"],
	["CLS-02", "/schema/0/properties/1/customProperties/0/value"],
	["CLS-03", "/customProperties/7/value"],
	["CLS-03", "/customProperties/8/value"],
	["PRV-01", "/description"],
	["PRV-01", "/description/purpose"],
	["PRV-01", "/customProperties/1/value"],
	["PRV-01", "/customProperties/2/value"],
	["PRV-02", "/servers"],
	["PRV-02", "/servers/0/region"],
	["PRV-02", "/customProperties/3/value"],
	["PRV-03", "/customProperties/4/value"],
	["PRV-03", "/customProperties/4/value/method"],
	["RET-01", "/slaProperties"],
	["RET-01", "/slaProperties/0/value"],
	["RET-01", "/slaProperties/0/unit"],
	["ACC-03", "/roles/0/role"],
	["ACC-03", "/roles/0/firstLevelApprovers"],
	["ACC-03", "/roles/0/secondLevelApprovers"],
	["ACC-04", "/schema/0/properties/1/customProperties/1/value"],
	["ACC-04", "/schema/0/properties/1/customProperties/1/value/action"],
	["SLO-01", "/slaProperties/1/value"],
	["SLO-01", "/slaProperties/1/unit"],
	["DQ-01", "/schema/0/quality/0/dimension"],
	["NAM-01", "/name"],
	["STO-01", "/servers/0/location"],
	["STO-02", "/customProperties/5/value"],
	["STO-02", "/customProperties/5/value/atRest"],
	["STO-02", "/customProperties/5/value/key"],
	["STO-03", "/servers/0/customProperties"],
	["STO-03", "/servers/0/customProperties/0/value/tlsOnly"],
	["AI-01", "/customProperties/6/value"],
	["AI-01", "/customProperties/6/value/allowed"],
	["AI-01", "/customProperties/6/value/textAndDataMining"],
]

_product_cases := [
	["PORT-01", "/dataProduct/outputPorts"],
	["PORT-01", "/dataProduct/outputPorts/0/name"],
	["CLS-04", "/dataProduct/outputPorts/0/classification"],
	["RET-01", "/dataProduct/policies/0/expression"],
	["IP-01", "/dataProduct/policies/1/expression"],
	["POL-01", "/dataProduct/policies"],
	["POL-01", "/dataProduct/policies/0/name"],
	["POL-01", "/dataProduct/policies/1/expression"],
	["ACC-01", "/dataProduct/outputPorts/0/accessPolicy"],
	["ACC-01", "/dataProduct/outputPorts/0/accessPolicy/package"],
	["ACC-05", "/dataProduct/controlPort"],
	["ACC-05", "/dataProduct/controlPort/opaServerUrl"],
	["ACC-05", "/dataProduct/controlPort/bundleVersion"],
	["LIN-01", "/dataProduct/outputPorts/0/inputContracts"],
	["AI-01", "/dataProduct/customProperties"],
]

_spoilt(path) := [
	{"op": "remove", "path": path},
	{"op": "replace", "path": path, "value": null},
	{"op": "replace", "path": path, "value": 17},
	{"op": "replace", "path": path, "value": ""},
]

_silent(document, cases) := {[rule, patch] |
	some [rule, path] in cases
	some patch in _spoilt(path)
	spoilt := json.patch(document, [patch])
	name := replace(lower(rule), "-", "_")
	denied := dataproduct.rules[name].deny with input as spoilt with time.now_ns as fixtures.noon
	count(denied) == 0
	not _number_is_fine(rule, path, patch)
}

default _number_is_fine(_, _, _) := false

# A number is a value that these may have.
_number_is_fine(_, path, patch) if {
	patch.value == 17
	path in {"/slaProperties/0/value", "/slaProperties/1/value"}
}

test_no_rule_on_contracts_is_silenced_1 if {
	silent := _silent(fixtures.contract, array.slice(_contract_cases, 0, 14))
	print(silent)
	silent == set()
}

test_no_rule_on_contracts_is_silenced_2 if {
	silent := _silent(fixtures.contract, array.slice(_contract_cases, 14, 28))
	print(silent)
	silent == set()
}

test_no_rule_on_contracts_is_silenced_3 if {
	silent := _silent(fixtures.contract, array.slice(_contract_cases, 28, 42))
	print(silent)
	silent == set()
}

test_no_rule_on_contracts_is_silenced_4 if {
	silent := _silent(fixtures.contract, array.slice(_contract_cases, 42, 56))
	print(silent)
	silent == set()
}

test_no_rule_on_products_is_silenced if {
	silent := _silent(fixtures.profile, _product_cases)
	print(silent)
	silent == set()
}

test_a_loosening_domain_has_no_effect if {
	loose := {"hr": {"vocabulary": {
		"owner_roles": ["owner", "anybody"], "people": ["mallory@example.com"], "retention_max_days": {"restricted": 99999},
		"regions": {"EU": ["eu-west-1", "us-east-1"], "CN": ["cn-north-1"]}, "personal_terms": [], "coverage_min_percent": {"1": 10},
		"row_limit_max": "many", "classifications": ["restricted", "public"],
	}}}
	dataproduct.lib.vocabulary.setting("hr", "retention_max_days") == data.dataproduct.vocabulary.retention_max_days with data.dataproduct.domains as loose
	dataproduct.lib.vocabulary.terms("hr", "owner_roles") == {"owner"} with data.dataproduct.domains as loose
	dataproduct.lib.vocabulary.terms("hr", "people") == set() with data.dataproduct.domains as loose
	dataproduct.lib.vocabulary.setting("hr", "regions").EU == ["eu-west-1"] with data.dataproduct.domains as loose
	not dataproduct.lib.vocabulary.setting("hr", "regions").CN with data.dataproduct.domains as loose
	dataproduct.lib.vocabulary.setting("hr", "personal_terms") == data.dataproduct.vocabulary.personal_terms with data.dataproduct.domains as loose
	dataproduct.lib.vocabulary.setting("hr", "coverage_min_percent")["1"] == 100 with data.dataproduct.domains as loose
	dataproduct.lib.vocabulary.setting("hr", "row_limit_max") == 10000 with data.dataproduct.domains as loose
	dataproduct.lib.vocabulary.setting("hr", "classifications") == data.dataproduct.vocabulary.classifications with data.dataproduct.domains as loose
}

test_severity_changes_on_its_day if {
	spoilt := json.remove(fixtures.contract, ["/schema/0/properties/1/customProperties"])
	severities(spoilt, fixtures.noon) == {"warning"}
	severities(spoilt, 1830297600000000000) == {"error"}
}

severities(document, now) := {finding.severity |
	some finding in dataproduct.findings with input as document with time.now_ns as now
	finding.rule == "CLS-02"
}
