# METADATA
# title: The administrator's way past the rules for roles
# description: |
#   Seniority alone opens nothing: the reason has to be written down, in the context as "reason". It stands in the
#   audit log beside the flag that the rule clinic.administrators raises.
package lib.override

import data.lib.levels
import data.lib.staff

default granted(_, _) := false

granted(user, context) if {
	staff.has_role(user, "administrator")
	levels.covers(user.attributes.seniority, 5)
	is_string(context.reason)
	count(trim_space(context.reason)) >= 10
}
