# METADATA
# title: Dates as they stand in documents
# description: Dates are texts, `YYYY-MM-DD` or RFC 3339; whole days count, in UTC. Anything else is no date.
package dataproduct.lib.dates

import data.dataproduct.lib.values

_day := `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$`

_moment := `^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?$`

# METADATA
# title: Today as YYYY-MM-DD
today := time.format([time.now_ns(), "UTC", "2006-01-02"])

# METADATA
# title: The day of a value as YYYY-MM-DD, or an empty text
day(value) := value if {
	is_string(value)
	count(value) == 10
	regex.match(_day, value)
	_in_month(value)
} else := substring(value, 0, 10) if {
	is_string(value)
	count(value) > 10
	regex.match(_moment, value)
	_in_month(substring(value, 0, 10))
} else := ""

# METADATA
# title: Is it a day before today?
default past(_) := false

past(value) if {
	day(value) != ""
	day(value) < today
}

# METADATA
# title: Is it a day after today?
default future(_) := false

future(value) if day(value) > today

# METADATA
# title: Why somebody is not a member today; empty for an active member
membership_problems(member) := [problem |
	some problem in [_begin(values.member(member, "dateIn")), _end(values.member(member, "dateOut"))]
	problem != ""
]

_begin(null) := "dateIn is missing"

_begin(value) := "dateIn is not a date" if {
	value != null
	day(value) == ""
}

_begin(value) := "dateIn is in the future" if future(value)

_begin(value) := "" if {
	day(value) != ""
	day(value) <= today
}

_end(null) := ""

_end(value) := "dateOut is not a date" if {
	value != null
	day(value) == ""
}

_end(value) := "dateOut is past" if past(value)

_end(value) := "" if day(value) >= today

_in_month(value) if {
	parts := [_number(part) | some part in split(value, "-")]
	parts[2] <= _days_in_month(parts[0], parts[1])
}

_days_in_month(year, month) := 30 if {
	month in {4, 6, 9, 11}
} else := 31 if {
	month != 2
} else := 29 if {
	_leap(year)
} else := 28

_leap(year) if {
	year % 4 == 0
	year % 100 != 0
}

_leap(year) if year % 400 == 0

# Leading zeros are no JSON numbers.
_number(digits) := to_number(trimmed) if {
	trimmed := trim_left(digits, "0")
	trimmed != ""
} else := 0

# METADATA
# title: The hours since a moment in RFC 3339; a day counts from its beginning in UTC
age_hours(value) := (time.now_ns() - time.parse_rfc3339_ns(full(value))) / 3600000000000

# METADATA
# title: A moment in RFC 3339, of which a day is the beginning in UTC
full(value) := sprintf("%sT00:00:00Z", [value]) if {
	regex.match(_day, value)
} else := value if {
	regex.match(`T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$`, value)
} else := sprintf("%sT00:00:00Z", [substring(value, 0, 10)])
