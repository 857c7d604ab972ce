# METADATA
# title: Classification levels in their order
# description: A level that is missing or that the organisation doesn't know ranks above all others.
package dataproduct.lib.levels

import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

# METADATA
# title: The levels, least sensitive first
order := values.array_of(vocabulary.setting("", "classifications"))

# METADATA
# title: Rank by level
ranks := {level: rank | some rank, level in order; is_string(level)}

# METADATA
# title: The rank of a level
rank(level) := ranks[level] if {
	is_string(level)
} else := count(order)

# METADATA
# title: Is it a level of the organisation?
default known(_) := false

known(level) if ranks[level] >= 0

# METADATA
# title: From this level upwards data is protected
default protected_rank := 0

protected_rank := ranks[vocabulary.setting("", "protected_from")]

# METADATA
# title: How a level is called in a message
called(level) := level if {
	known(level)
} else := "unclassified"
