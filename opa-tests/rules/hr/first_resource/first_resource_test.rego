package test.rules.hr.first_resource

import data.rules.hr.first_resource
import data.test.inputs

leaf(user, id) := object.union(inputs.of(user, ""), {"resource": {"id": id}})

test_names_that_end_in_1_show_themselves_to_hr_only if {
	every id in ["file:/data/hr/employee_file1.avro", "file:/data/hr/1", "file:/data/hr/x.1.avro"] {
		first_resource.deny == set() with input as leaf(inputs.alice, id)
		first_resource.deny == {"hr.first_resource"} with input as leaf(inputs.bob, id)
		first_resource.deny == {"hr.first_resource"} with input as leaf(inputs.eve, id)
	}
}

test_other_names_show_themselves_to_all if {
	every id in ["file:/data/hr/employee_file0.avro", "file:/data/hr1/employee.avro", "file:/data/hr/employee.avro1"] {
		every user in [inputs.alice, inputs.bob, inputs.eve] {
			first_resource.deny == set() with input as leaf(user, id)
		}
	}
}

test_an_id_without_a_name_is_for_hr_only if {
	every id in [null, true, 1, "", "file:/data/hr/", [], {}] {
		first_resource.deny == set() with input as leaf(inputs.alice, id)
		first_resource.deny == {"hr.first_resource"} with input as leaf(inputs.eve, id)
	}
}

test_no_role_but_hr_counts if {
	every roles in inputs.not_roles {
		user := object.union(inputs.alice, {"roles": roles})
		first_resource.deny == {"hr.first_resource"} with input as leaf(user, "file:/data/hr/file1.avro")
	}
}

test_whatever_is_missing_denies if {
	every path in ["resource", "resource/id"] {
		first_resource.deny == {"hr.first_resource"} with input as inputs.without(inputs.of(inputs.eve, ""), path)
	}
	first_resource.deny == {"hr.first_resource"} with input as {}
}
