# METADATA
# title: Who acts in which role
# description: Each function is false for whatever is missing or of another type.
package lib.staff

default has_role(_, _) := false

has_role(user, role) if {
	is_array(user.roles)
	role in user.roles
}

default acts_as(_, _, _) := false

# In this role, for the purpose and with an action that data.lib.duties names for it.
acts_as(user, role, context) if {
	has_role(user, role)
	duty := data.lib.duties[role]
	context.purpose == duty.purpose
	object.get(context, "action", "read") in duty.actions
}
