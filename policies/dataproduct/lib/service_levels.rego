# METADATA
# title: Service levels, and which of two promises more
package dataproduct.lib.service_levels

import data.dataproduct.lib.durations
import data.dataproduct.lib.values

# METADATA
# title: Which way a level gets better
higher_is_better := {"availability", "throughput", "supporthours", "completeness"}

# METADATA
# title: Levels of which a smaller number promises more
lower_is_better := {"latency", "ly", "frequency", "fy", "freshness", "errorrate", "er", "responsetime", "timetonotify", "timetorepair", "timetodetect"}

# METADATA
# title: Levels with rules of their own, or that are dates and promise nothing
other := {"retention", "rt", "endofsupport", "eos", "endoflife", "eol", "generalavailability", "ga"}

# METADATA
# title: The name of a level, in small letters
name_of(value) := lower(values.text(value, "property"))

# METADATA
# title: A level as one number in its base unit (seconds, or as it is written), or null
amount(value) := number if {
	number := durations.seconds(values.member(value, "value"), values.member(value, "unit"))
	number != null
} else := number if {
	number := values.member(value, "value")
	is_number(number)
} else := null

# METADATA
# title: Does a changed level promise less? What can't be compared does.
default lowered(_) := false

lowered(change) if {
	change.before != null
	change.after == null
	not name_of(change.before.value) in other
}

lowered(change) if {
	change.before != null
	change.after != null
	name := name_of(change.before.value)
	not name in other
	_said(change.before) != _said(change.after)
	not _better(name, amount(change.before.value), amount(change.after.value))
}

_said(part) := [values.member(part.value, key) | some key in ["value", "valueExt", "unit", "element"]]

# METADATA
# title: Does the first level promise more than the second?
default promises_more(_, _) := false

promises_more(level, other) if {
	name_of(level) in higher_is_better
	amount(level) > _number(other)
}

promises_more(level, other) if {
	name_of(level) in lower_is_better
	is_number(amount(level))
	amount(level) < _number(other)
}

_number(level) := number if {
	number := amount(level)
	is_number(number)
}

default _better(_, _, _) := false

_better(name, before, after) if {
	name in higher_is_better
	is_number(before)
	is_number(after)
	after >= before
}

_better(name, before, after) if {
	name in lower_is_better
	is_number(before)
	is_number(after)
	after <= before
}
