# METADATA
# title: Trial results are for researchers
# description: Researchers read trial results to evaluate them.
# custom:
#   code: research
package rules.clinic.researchers

import data.lib.override
import data.lib.staff

# METADATA
# title: The user acts as a researcher
permit contains "research.researcher" if _acts

# METADATA
# title: The user does not act as a researcher
deny contains {
	"code": "research.not_researcher",
	"title": "Trial results are for researchers who state the purpose RESEARCH.",
} if not _acts

default _acts := false

_acts if {
	staff.acts_as(input.user, "researcher", input.context)
} else if {
	override.granted(input.user, input.context)
}
