# METADATA
# title: Prescriptions are for pharmacists
# description: Pharmacists read prescriptions to dispense them.
# custom:
#   code: dispensing
package rules.clinic.pharmacists

import data.lib.override
import data.lib.staff

# METADATA
# title: The user acts as a pharmacist
permit contains "dispensing.pharmacist" if _acts

# METADATA
# title: The user does not act as a pharmacist
deny contains {
	"code": "dispensing.not_pharmacist",
	"title": "Prescriptions are for pharmacists who state the purpose DISPENSING.",
} if not _acts

default _acts := false

_acts if {
	staff.acts_as(input.user, "pharmacist", input.context)
} else if {
	override.granted(input.user, input.context)
}
