package test.rules.org.catalogued

import data.rules.org.catalogued
import data.test.inputs

test_every_output_port_is_catalogued if {
	every id, _ in inputs.ports {
		catalogued.permit == {"port.catalogued"} with input as {"resource": {"id": id}}
		catalogued.deny == set() with input as {"resource": {"id": id}}
	}
}

test_nothing_else_is if {
	every id in ["file:/clinic/", "file:/clinic/new-port/x.csv", "file:/clinic/prescriptions-2/x.csv", "", null, 1, []] {
		catalogued.permit == set() with input as {"resource": {"id": id}}
		{reason.code | some reason in catalogued.deny} == {"port.unknown"} with input as {"resource": {"id": id}}
	}
	count(catalogued.deny) == 1 with input as {}
}

test_a_port_without_rules_of_its_own_is_not if {
	given := {"resource": {"id": inputs.prescriptions}}
	attachments := json.remove(data.attachments.product, ["clinic/prescriptions"])
	catalogued.permit == set() with input as given with data.attachments.product as attachments
	count(catalogued.deny) == 1 with input as given with data.attachments.product as attachments
}
