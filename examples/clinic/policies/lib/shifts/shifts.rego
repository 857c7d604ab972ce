# METADATA
# title: Working hours
# description: |
#   A shift is {"days": [1, 2, 3, 4, 5], "from": 9, "to": 17}: days of the week it begins on, Sunday is 0, and hours of
#   the day in UTC. One that ends before it begins goes on after midnight. The time is the host's, never the clock's.
package lib.shifts

_hour_ms := 3600000

_day_ms := 24 * _hour_ms

default on_duty(_, _) := false

# `now` in milliseconds since the epoch.
on_duty(user, now) if {
	shift := user.attributes.shift
	is_number(shift.from)
	is_number(shift.to)
	is_array(shift.days)
	time_of_day := now % _day_ms
	_covers(shift.days, (now - time_of_day) / _day_ms, time_of_day, shift.from * _hour_ms, shift.to * _hour_ms)
}

# `day` counts from 1970-01-01, a Thursday, which is the fourth day after Sunday.
_covers(days, day, time, from, to) if {
	from <= time
	time < to
	((day + 4) % 7) in days
} else if {
	to < from
	from <= time
	((day + 4) % 7) in days
} else if {
	to < from
	time < to
	((day + 3) % 7) in days
}
