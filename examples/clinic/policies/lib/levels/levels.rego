# METADATA
# title: Levels of sensitivity, clearance and seniority
# description: |
#   A level is a whole number from 1 up. Text is no level, however it compares: in Rego every text is greater than
#   every number. What a format can only write as text is read by a closed table.
package lib.levels

default covers(_, _) := false

covers(clearance, sensitivity) if {
	is_level(clearance)
	is_level(sensitivity)
	clearance >= sensitivity
}

default is_level(_) := false

is_level(value) if {
	is_number(value)
	value >= 1
	value == floor(value)
}

# Undefined for any other text.
of_text(text) := {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5}[text]
