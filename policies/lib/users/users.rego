# METADATA
# title: What can be said of a user
# description: Each function is false for whatever is missing or of another type.
package lib.users

default has_role(_, _) := false

has_role(user, role) if {
	is_array(user.roles)
	role in user.roles
}

default has_training(_, _) := false

has_training(user, course) if {
	is_array(user.attributes.training)
	course in user.attributes.training
}
