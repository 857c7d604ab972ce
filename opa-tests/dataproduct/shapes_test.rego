# METADATA
# title: Documents of other forms than rules look at
package test.dataproduct.shapes

import data.dataproduct
import data.test.dataproduct.fixtures

_found(document) := {[finding.rule, finding.path] |
	some finding in dataproduct.findings with input as document with time.now_ns as fixtures.noon
}

_integrity(document) := {found.path |
	some found in dataproduct.rules.int_01.deny with input as document with time.now_ns as fixtures.noon
}

_contract(patches) := json.patch(fixtures.contract, patches)

test_products_and_contracts_of_other_standards_are_found if {
	every case in [
		[{"dataContractSpecification": "1.2.1", "models": {}}, ["dataContractSpecification"]],
		[{"dataProductDescriptor": "1.0.0", "info": {}}, ["dataProductDescriptor"]],
		[{"schema": "https://opendataproducts.org/v4.1/schema/odps.yaml", "product": {}}, ["schema"]],
		[{"kind": "dataContract"}, ["kind"]],
		[{"kind": "Data Product", "apiVersion": "v1.0.0", "outputPorts": []}, ["kind"]],
		[{"kind": "DataContrakt"}, ["kind"]],
		[{"kind": "waivers"}, ["kind"]],
		[{"kind": null, "apiVersion": "v3.1.0", "schema": []}, ["apiVersion"]],
		[{"apiVersion": "2.2.2", "dataset": []}, ["apiVersion"]],
		[[{"kind": "DataContract"}], [0]],
	] {
		[document, path] := case
		_found(document) == {["INT-01", path]}
		not dataproduct.validation.valid with input as document with time.now_ns as fixtures.noon
	}
}

test_documents_of_no_concern_are_left_alone if {
	every document in [
		{"apiVersion": "v1", "kind": "ConfigMap"}, {"apiVersion": "apps/v1", "kind": "Deployment", "spec": {}}, {"kind": "DataProductClaim"},
		{"schema": "public"}, {"kind": 17}, {"services": {}}, [], [1], ["DataContract"], "DataContract", null,
	] {
		_found(document) == set()
	}
}

test_a_mapping_where_a_list_belongs_hides_nothing if {
	field := "/schema/0/properties/1"
	every case in [
		[{"op": "replace", "path": sprintf("%s/customProperties", [field]), "value": {"property": "category", "value": "special"}}, ["schema", 0, "properties", 1, "customProperties"]],
		[{"op": "add", "path": sprintf("%s/properties", [field]), "value": {"inner": {"classification": "restricted"}}}, ["schema", 0, "properties", 1, "properties"]],
		[{"op": "add", "path": sprintf("%s/items", [field]), "value": [{"properties": []}]}, ["schema", 0, "properties", 1, "items"]],
		[{"op": "add", "path": sprintf("%s/items", [field]), "value": {"properties": {}}}, ["schema", 0, "properties", 1, "items", "properties"]],
		[{"op": "add", "path": sprintf("%s/map", [field]), "value": "text"}, ["schema", 0, "properties", 1, "map"]],
		[{"op": "add", "path": sprintf("%s/quality", [field]), "value": "checked"}, ["schema", 0, "properties", 1, "quality"]],
		[{"op": "replace", "path": "/schema/0/quality", "value": {}}, ["schema", 0, "quality"]],
		[{"op": "replace", "path": "/servers/0/customProperties", "value": {}}, ["servers", 0, "customProperties"]],
		[{"op": "replace", "path": "/slaProperties/0/property", "value": null}, ["slaProperties", 0]],
	] {
		[patch, path] := case
		_integrity(_contract([patch])) == {path}
	}
}

test_a_custom_property_is_said_once_and_by_name if {
	twice := {"op": "add", "path": "/customProperties/-", "value": {"property": "tier", "value": 3}}
	_integrity(_contract([twice])) == {["customProperties", 10]}
	nameless := {"op": "add", "path": "/schema/0/properties/1/customProperties/-", "value": {"value": "special"}}
	_integrity(_contract([nameless])) == {["schema", 0, "properties", 1, "customProperties", 2]}
}

test_fields_in_lists_and_maps_are_judged if {
	inner := [{"name": "iban", "logicalType": "string", "description": "account"}]
	every case in [
		[{"items": {"properties": inner}}, ["items"]],
		[{"items": {"items": {"properties": inner}}}, ["items", "items"]],
		[{"map": {"key": {"logicalType": "string"}, "value": {"properties": inner}}}, ["map", "value"]],
		[{"map": {"value": {"items": {"properties": inner}}}}, ["map", "value", "items"]],
		[{"map": {"value": {"map": {"value": {"properties": inner}}}}}, ["map", "value", "map", "value"]],
	] {
		[value, steps] := case
		field := object.union({"name": "held", "logicalType": "object", "description": "d", "classification": "restricted"}, value)
		document := _contract([{"op": "add", "path": "/schema/0/properties/-", "value": field}])
		place := array.concat(array.concat(["schema", 0, "properties", 3], steps), ["properties", 0])
		{["CLS-01", place], ["CLS-02", place]} == {found | some found in _found(document); found[1] == place}
	}
}

test_what_is_nested_too_deep_is_said if {
	deep := {"items": {"items": {"items": {"items": {"properties": []}}}}}
	field := object.union({"name": "held", "logicalType": "array", "description": "d", "classification": "internal"}, deep)
	_integrity(_contract([{"op": "add", "path": "/schema/0/properties/-", "value": field}])) == {["schema", 0, "properties", 3]}
}

test_lists_within_lists_are_no_levels if {
	leaf := {"name": "leaf", "logicalType": "string", "description": "d", "classification": "internal"}
	level := {"logicalType": "array", "description": "d", "classification": "internal"}
	third := object.union(level, {"name": "c", "items": {"properties": [leaf]}})
	second := object.union(level, {"name": "b", "items": {"properties": [third]}})
	first := object.union(level, {"name": "a", "items": {"properties": [second]}})
	outer := object.union(level, {"name": "o", "items": {"properties": [first]}})
	outermost := object.union(level, {"name": "p", "items": {"properties": [outer]}})
	_integrity(_contract([{"op": "add", "path": "/schema/0/properties/-", "value": object.union(level, {"name": "q", "items": {"properties": [outermost]}})}])) == set()
}

_query(text) := {"op": "add", "path": "/schema/0/quality/0/query", "value": text}

test_placeholders_are_what_somebody_has_to_fill_in if {
	_integrity(_contract([{"op": "replace", "path": "/description/purpose", "value": "for ${PURPOSE}"}])) == {["description", "purpose"]}
	_integrity(_contract([{"op": "replace", "path": "/description/purpose", "value": "{{ purpose }}"}])) == {["description", "purpose"]}
	_integrity(_contract([_query("select count(*) from ${object} where ${property} is null")])) == set()
	_integrity(_contract([{"op": "add", "path": "/schema/0/properties/0/transformLogic", "value": "select 1 from {{ ref('staff') }}"}])) == set()
}

test_variables_belong_to_the_contract_since_3_2 if {
	newer := {"op": "replace", "path": "/apiVersion", "value": "v3.2.0"}
	host := {"op": "add", "path": "/servers/0/host", "value": "${DB_HOST:-db.example.com}"}
	_integrity(_contract([newer, host])) == set()
	_integrity(_contract([host])) == {["servers", 0, "host"]}
	_integrity(_contract([newer, {"op": "add", "path": "/servers/0/host", "value": "${DB_HOST}.{{ zone }}"}])) == {["servers", 0, "host"]}
	some ["PRV-02", _] in _found(_contract([newer, {"op": "replace", "path": "/servers/0/region", "value": "${REGION}"}]))
}

test_the_domain_is_one_of_the_organisation if {
	known := {"domains": ["hr", "finance"]}
	_integrity(fixtures.contract) == set() with data.dataproduct.organisation.vocabulary as known
	every domain in ["hrr", "", null, 17] {
		_integrity(_contract([{"op": "replace", "path": "/domain", "value": domain}])) == {["domain"]} with data.dataproduct.organisation.vocabulary as known
	}
}

_secrets(document) := {found.path |
	some found in dataproduct.rules.sto_03.deny with input as document with time.now_ns as fixtures.noon
}

test_a_secret_is_known_by_its_name if {
	_secrets(_contract([{"op": "add", "path": "/servers/0/password", "value": "hunter2-hunter2"}])) == {["servers", 0, "password"]}
	property := {"op": "add", "path": "/customProperties/-", "value": {"property": "dbPassword", "value": "hunter2-hunter2"}}
	_secrets(_contract([property])) == {["customProperties", 10, "value"]}
	every case in [
		["password", "${DB_PASSWORD}"], ["password", "vault:secret/db"], ["passwordPolicy", "rotated-monthly"], ["tradeSecret", "confidential"],
		["description", "the-password-of-nobody"], ["clientSecret", ""], ["password", 17],
	] {
		[key, value] := case
		_secrets(_contract([{"op": "add", "path": sprintf("/servers/0/%s", [key]), "value": value}])) == set()
	}
}
