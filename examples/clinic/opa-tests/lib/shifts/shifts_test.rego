package test.lib.shifts

import data.lib.shifts
import data.test.inputs

monday := time.parse_rfc3339_ns("2024-03-18T00:00:00Z") / 1000000

hour := 3600000

on(shift, now) if shifts.on_duty({"attributes": {"shift": shift}}, now)

office := {"days": [1, 2, 3, 4, 5], "from": 9, "to": 17}

nights := {"days": [1], "from": 22, "to": 6}

test_a_shift_has_its_first_hour_and_not_the_one_after_its_last if {
	not on(office, (monday + (9 * hour)) - 1)
	on(office, monday + (9 * hour))
	on(office, (monday + (17 * hour)) - 1)
	not on(office, monday + (17 * hour))
}

test_it_returns_in_other_weeks_and_years if {
	every weeks in [-2820, 1, 140, 2000] {
		on(office, (monday + (((weeks * 7) * 24) * hour)) + (12 * hour))
	}
}

test_it_is_on_its_days if {
	every day in [0, 1, 2, 3, 4] {
		on(office, (monday + ((day * 24) * hour)) + (12 * hour))
	}
	every day in [5, 6, -1] {
		not on(office, (monday + ((day * 24) * hour)) + (12 * hour))
	}
}

test_a_night_shift_goes_on_after_midnight if {
	on(nights, monday + (22 * hour))
	on(nights, (monday + (30 * hour)) - 1)
	not on(nights, monday + (30 * hour))
	not on(nights, monday + (2 * hour))
	not on(nights, monday + (46 * hour))
}

test_what_is_missing_or_of_another_type_is_no_shift if {
	noon := monday + (12 * hour)
	every name in ["days", "from", "to"] {
		not on(inputs.without(office, name), noon)
	}
	every other in inputs.not_numbers {
		not on(object.union(office, {"to": other}), noon)
		not on(object.union(office, {"from": other}), noon)
		not on(office, other)
	}
	every days in [null, 1, "1", {"1": 1}, ["1"], []] {
		not on(object.union(office, {"days": days}), noon)
	}
	not shifts.on_duty({}, noon)
	not shifts.on_duty({"attributes": {"shift": "9-17"}}, noon)
}
