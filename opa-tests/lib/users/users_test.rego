package test.lib.users

import data.lib.users
import data.test.inputs

test_a_role_in_the_list_is_had if {
	users.has_role({"roles": ["IT", "HR"]}, "HR")
}

test_a_role_that_is_not_in_the_list_is_not_had if {
	every roles in inputs.not_roles {
		users.has_role({"roles": roles}, "HR") == false
	}
}

test_a_role_is_not_had_without_a_user if {
	every user in [{}, null, "HR", ["HR"], 1] {
		users.has_role(user, "HR") == false
	}
}

test_a_training_in_the_list_is_had if {
	users.has_training({"attributes": {"training": ["A", "B"]}}, "B")
}

test_a_training_is_not_had_where_the_list_is_missing_or_something_else if {
	every attributes in [{}, null, "B", ["B"], {"training": null}, {"training": "B"}, {"training": {"B": "B"}}, {"training": ["b"]}] {
		users.has_training({"attributes": attributes}, "B") == false
	}
	users.has_training({}, "B") == false
}
