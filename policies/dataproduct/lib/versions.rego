# METADATA
# title: Versions of products and contracts
package dataproduct.lib.versions

_pattern := `^v?([0-9]{1,9})(?:\.([0-9]{1,9}))?(?:\.([0-9]{1,9}))?(?:[-+].*)?$`

# METADATA
# title: Major, minor and patch of a version, or null
parts(version) := [_number(digits) | some digits in array.slice(groups, 1, 4)] if {
	is_string(version)
	groups := regex.find_all_string_submatch_n(_pattern, version, 1)[0]
} else := null

# METADATA
# title: Is the second a new major version of the first? Unreadable ones are not.
default major_step(_, _) := false

major_step(before, after) if {
	first := parts(before)
	second := parts(after)
	first != null
	second != null
	second[0] > first[0]
}

# METADATA
# title: Have two versions the same major? Unreadable ones have not.
default same_major(_, _) := false

same_major(left, right) if {
	first := parts(left)
	first != null
	first[0] == parts(right)[0]
}

_number(digits) := to_number(trimmed) if {
	trimmed := trim_left(digits, "0")
	trimmed != ""
} else := 0
