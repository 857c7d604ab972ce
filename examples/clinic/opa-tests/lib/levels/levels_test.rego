package test.lib.levels

import data.lib.levels
import data.test.inputs

test_a_clearance_covers_what_is_as_sensitive_or_less if {
	levels.covers(4, 3)
	levels.covers(4, 4)
	not levels.covers(4, 5)
}

test_text_is_no_level_on_either_side if {
	every other in array.concat(inputs.not_numbers, [0, -1, 1.5]) {
		not levels.covers(other, 1)
		not levels.covers(5, other)
		not levels.is_level(other)
	}
}

test_a_closed_table_reads_levels_that_a_format_writes_as_text if {
	levels.of_text("1") == 1
	levels.of_text("5") == 5
	every other in [null, 1, "0", "6", "", " 1", "01", "1.0", "-1", "one"] {
		not levels.of_text(other)
	}
}
