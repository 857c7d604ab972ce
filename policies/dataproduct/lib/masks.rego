# METADATA
# title: Masks of fields, and which of two hides more
# description: |
#   A mask is an action, or `{"action", "environments", "clearFor"}`: without environments it holds in all of them; `clearFor` lists the roles
#   that see the value unmasked.
package dataproduct.lib.masks

import data.dataproduct.lib.values

# METADATA
# title: The action of a mask, or an empty text
action(mask) := values.text(mask, "action") if {
	is_object(mask)
} else := values.text_of(mask)

# Actions that leave nothing of the value; of the others none is sure to hide more than another.
_nothing_left := {"deny", "remove", "null", "constant", "filter"}

# METADATA
# title: Does the second hide less than the first?
default weaker(_, _) := false

weaker(before, after) if {
	before != null
	action(before) != ""
	_another_action(action(before), action(after))
}

weaker(before, after) if {
	before != null
	after != null
	some role in (values.texts(values.member(after, "clearFor")) - values.texts(values.member(before, "clearFor")))
	role != ""
}

weaker(before, after) if {
	before != null
	after != null
	environments := values.member(after, "environments")
	environments != null
	_fewer(values.member(before, "environments"), environments)
}

default _another_action(_, _) := false

_another_action(before, after) if {
	before != after
	not after in _nothing_left
}

default _fewer(_, _) := false

_fewer(null, _)

_fewer(before, after) if {
	before != null
	count(values.texts(before) - values.texts(after)) > 0
}
