# METADATA
# title: Durations with their units
# description: |
#   `{"value": 3, "unit": "y"}`, `3 years`, `3y`, ISO 8601 (`P3Y6M`, `PT12H`), all as seconds. A year has 365.25 days, a month a
#   twelfth of that. `m` is no unit: it may be minutes or months. What can't be read is null.
package dataproduct.lib.durations

_day := 86400

# In seconds, written out: products would be worked out anew in every evaluation.
_units := {
	"s": 1, "sec": 1, "secs": 1, "second": 1, "seconds": 1,
	"min": 60, "mins": 60, "minute": 60, "minutes": 60,
	"h": 3600, "hr": 3600, "hrs": 3600, "hour": 3600, "hours": 3600,
	"d": 86400, "day": 86400, "days": 86400,
	"w": 604800, "wk": 604800, "week": 604800, "weeks": 604800,
	"mo": 2629800, "mon": 2629800, "month": 2629800, "months": 2629800,
	"y": 31557600, "yr": 31557600, "yrs": 31557600, "year": 31557600, "years": 31557600,
}

_iso := `^P(?:([0-9]+)Y)?(?:([0-9]+)M)?(?:([0-9]+)W)?(?:([0-9]+)D)?(?:T(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)S)?)?$`

_iso_seconds := [31557600, 2629800, 604800, 86400, 3600, 60, 1]

# METADATA
# title: The seconds of a value with a unit beside it, or null
seconds(value, unit) := amount * _units[lower(trim_space(unit))] if {
	is_string(unit)
	amount := _number(value)
} else := seconds_of(value) if {
	unit in {null, ""}
} else := null

# METADATA
# title: The seconds of a text or of an object with value and unit, or null
seconds_of(value) := _number(value.value) * _units[lower(trim_space(value.unit))] if {
	is_object(value)
	is_string(value.unit)
} else := _iso_sum(value) if {
	is_string(value)
	startswith(value, "P")
	regex.match(_iso, value)
} else := _text(value) if {
	is_string(value)
} else := null

# METADATA
# title: The days of a number of seconds, or null
days(null) := null

days(number) := number / _day if is_number(number)

# METADATA
# title: A number of seconds in words
words(null) := "an unreadable time"

words(number) := sprintf("%v days", [round(number / _day)]) if {
	is_number(number)
	number >= _day
}

words(number) := sprintf("%v seconds", [number]) if {
	is_number(number)
	number < _day
}

_iso_sum(value) := sum(amounts) if {
	groups := regex.find_all_string_submatch_n(_iso, value, 1)[0]
	concat("", array.slice(groups, 1, 8)) != ""
	amounts := [amount |
		some index, digits in array.slice(groups, 1, 8)
		amount := _number(digits) * _iso_seconds[index]
	]
}

_text(value) := _number(groups[1]) * _units[lower(groups[2])] if {
	groups := regex.find_all_string_submatch_n(`^\s*([0-9]+(?:\.[0-9]+)?)\s*([A-Za-z]+)\s*$`, value, 1)[0]
}

_number(value) := value if is_number(value)

_number(value) := to_number(digits) if {
	is_string(value)
	regex.match(`^[0-9]{1,15}(\.[0-9]{1,6})?$`, value)
	trimmed := trim_left(value, "0")
	digits := sprintf("%s%s", [_lead(trimmed), trimmed])
}

_lead(trimmed) := "0" if {
	trimmed == ""
} else := "0" if {
	startswith(trimmed, ".")
} else := ""
