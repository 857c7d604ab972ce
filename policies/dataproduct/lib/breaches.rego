# METADATA
# title: What breaks whom in a changed field
# description: |
#   The consumer reads through an output port: what it may rely on must not get weaker. The producer writes to an input port: what it
#   has to keep to must not get stricter.
package dataproduct.lib.breaches

import data.dataproduct.lib.values

# METADATA
# title: What of a change breaks a side, in words
of("consumer", change) := _consumer(change)

of("producer", change) := _producer(change)

_consumer(change) := {"is gone"} if {
	change.after == null
} else := set() if {
	change.before == null
} else := (_same(change) | _wider(change)) | _promises(change)

_producer(change) := {"is new and required"} if {
	change.before == null
	_true(change.after, "required")
} else := set() if {
	null in {change.before, change.after}
} else := (_types(change) | _tighter(change)) | _demands(change)

_types(change) := {breach |
	some key in ["name", "logicalType", "physicalType", "unit"]
	[before, after] := _both(change, key)
	before != after
	breach := _words(key, before, after)
}

_same(change) := {breach |
	some key in [
		"name", "logicalType", "physicalType", "unit", "semanticType", "primaryKey", "primaryKeyPosition",
		"partitioned", "partitionKeyPosition",
	]
	[before, after] := _both(change, key)
	_plain(key, before) != _plain(key, after)
	breach := _words(key, before, after)
} | {breach |
	some key in ["pattern", "format"]
	[before, after] := _options(change, key)
	before != after
	before != null
	breach := _words(key, before, after)
}

# A boolean that is not said is false.
_plain(key, null) := false if key in {"primaryKey", "partitioned"}

_plain(key, value) := value if not _unsaid(key, value)

default _unsaid(_, _) := false

_unsaid(key, null) if key in {"primaryKey", "partitioned"}

_promises(change) := {breach |
	some key, words in {
		"required": "is no longer required, so it may be missing",
		"unique": "is no longer unique",
	}
	_true(change.before, key)
	not _true(change.after, key)
	breach := words
}

_demands(change) := {breach |
	some key, words in {"required": "is now required", "unique": "now has to be unique"}
	not _true(change.before, key)
	_true(change.after, key)
	breach := words
} | {breach |
	some key in ["pattern", "format"]
	[before, after] := _options(change, key)
	before != after
	after != null
	breach := _words(key, before, after)
}

# Upper limits that rise and lower limits that fall let in what readers did not expect.
_wider(change) := ({_words(key, before, after) |
	some key, direction in _limits
	[before, after] := _options(change, key)
	_loosened(direction, before, after)
} | {sprintf("has the new value %v", [value]) |
	[before, after] := _enumerations(change)
	before != null
	some value in (_list(after) - _list(before))
}) | {"is no longer limited to listed values" |
	[before, after] := _enumerations(change)
	before != null
	after == null
}

_tighter(change) := ({_words(key, before, after) |
	some key, direction in _limits
	[before, after] := _options(change, key)
	_loosened(direction, after, before)
} | {sprintf("no longer takes the value %v", [value]) |
	[before, after] := _enumerations(change)
	after != null
	some value in (_list(before) - _list(after))
}) | {"is now limited to listed values" |
	[before, after] := _enumerations(change)
	before == null
	after != null
}

_limits := {
	"maxLength": "upper", "maximum": "upper", "exclusiveMaximum": "upper", "maxItems": "upper", "maxProperties": "upper",
	"minimum": "lower", "exclusiveMinimum": "lower", "minLength": "lower", "minItems": "lower", "minProperties": "lower",
}

default _loosened(_, _, _) := false

_loosened(_, before, after) if {
	before != null
	after == null
}

_loosened("upper", before, after) if {
	before != null
	after > before
}

_loosened("lower", before, after) if {
	before != null
	after != null
	after < before
}

_both(change, key) := [values.member(change.before.value, key), values.member(change.after.value, key)]

_options(change, key) := [_option(change.before.value, key), _option(change.after.value, key)]

_option(value, key) := values.member(values.member(value, "logicalTypeOptions"), key)

_enumerations(change) := [_enumeration(change.before.value), _enumeration(change.after.value)]

_enumeration(value) := list if {
	list := values.member(value, "enum")
	list != null
} else := _option(value, "enum")

# An entry is a value, or an object that says it.
_list(list) := {value | some entry in values.array_of(list); value := _value(entry)}

_value(entry) := object.get(entry, "value", entry) if {
	is_object(entry)
} else := entry

default _true(_, _) := false

_true(field, key) if values.member(field.value, key) == true

_words(key, before, after) := sprintf("changes %s from %v to %v", [key, before, after])
