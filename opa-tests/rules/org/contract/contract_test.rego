package test.rules.org.contract

import data.rules.org.contract
import data.test.inputs

described := object.union(inputs.of(inputs.alice, ""), {"resource": {"fields": []}})

codes(found) := {reason.code | some reason in found}

test_data_with_a_contract_is_not_denied if {
	contract.deny == set() with input as described
}

test_data_without_a_contract_is_denied if {
	codes(contract.deny) == {"contract.missing"} with input as inputs.without(described, "resource/fields")
	every fields in [null, true, "", {}, 1] {
		given := object.union(described, {"resource": {"fields": fields}})
		codes(contract.deny) == {"contract.missing"} with input as given
	}
}

test_formats_whose_fields_are_not_known_beforehand_are_denied if {
	every format in [null, "", "application/json", "application/x-ndjson", "text/plain", "AVRO/BINARY", ["avro/binary"]] {
		given := object.union(described, {"resource": {"format": format}})
		codes(contract.deny) == {"contract.unverifiable"} with input as given
	}
	codes(contract.deny) == {"contract.unverifiable"} with input as inputs.without(described, "resource/format")
}

test_without_anything_both_deny if {
	codes(contract.deny) == {"contract.missing", "contract.unverifiable"} with input as {}
}
