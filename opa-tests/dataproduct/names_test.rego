# METADATA
# title: Names of documents and of the files they are in
package test.dataproduct.names

import data.dataproduct
import data.test.dataproduct.fixtures

_messages(tree) := {found.msg | some found in dataproduct.rules.nam_01.deny with input as tree with time.now_ns as fixtures.noon}

_places(tree) := {[found.file, found.path] | some found in dataproduct.rules.nam_01.deny with input as tree with time.now_ns as fixtures.noon}

_named(name) := json.patch(fixtures.contract, [{"op": "replace", "path": "/name", "value": name}])

test_a_file_is_called_as_the_document_in_it if {
	every case in [
		["employees.contract.yaml", "employees"], ["a/b/hr-employees.odcs.yaml", "employees"], ["staff-report.yml", "hr-staff-report"],
		["hrEmployees.yaml", "hr-employees"], ["employees_v2.contract.json", "employees"], ["employees-1.0.yaml", "employees"], ["a\\employees.YAML", "employees"],
		["contract.yaml", "employees"], ["data-contract.yaml", "employees"], ["2024.odcs.yaml", "employees"], ["data-quality.yaml", "data-quality"],
		["53581432-6c55-4ba2-a65f-72344a91553a.yaml", "employees"], ["kündigungen.yaml", "kündigungen"],
	] {
		[file, name] := case
		_places([{"path": file, "contents": _named(name)}]) == set()
	}
	every case in [
		["leads.contract.yaml", "employees"], ["hr-leads.yaml", "hr-employees"], ["employees/contract-of-leads.yaml", "employees"],
	] {
		[file, name] := case
		_places([{"path": file, "contents": _named(name)}]) == {[file, ["name"]]}
	}
}

test_files_with_several_documents_and_documents_without_a_name_are_not_compared if {
	_places([{"path": "x.yaml", "contents": _named("a")}, {"path": "x.yaml", "contents": _named("b")}]) == set()
	every name in ["", null, 17, []] {
		_places([{"path": "x.yaml", "contents": _named(name)}]) == set()
	}
}

test_products_of_our_profile_are_compared_too if {
	_places([{"path": "teams.product.yaml", "contents": fixtures.profile}]) == {["teams.product.yaml", ["dataProduct", "name"]]}
	_places([{"path": "staff.product.yaml", "contents": fixtures.profile}]) == set()
}

test_a_name_that_is_missing_is_said_to_be if {
	every name in ["", null, 17, []] {
		_messages(_named(name)) == {"The contract has no name."}
	}
	_messages(_named("A B")) == {"The name \"A B\" doesn't follow the pattern for a product, ^[a-z][a-z0-9]*(-[a-z0-9]+)*$."}
}
