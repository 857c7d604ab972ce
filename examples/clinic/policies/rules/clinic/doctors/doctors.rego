# METADATA
# title: Patient records are for doctors on duty
# description: |
#   Doctors read and update patient records to treat patients, in their working hours. Both actions are this one rule:
#   data.lib.duties says which actions a role has.
# custom:
#   code: care.doctor
package rules.clinic.doctors

import data.lib.override
import data.lib.shifts
import data.lib.staff

# METADATA
# title: The user is a doctor on duty
permit contains "care.doctor" if {
	_acts
	_on_duty
}

# METADATA
# title: The user does not act as a doctor
deny contains {
	"code": "care.not_doctor",
	"title": "Patient records are for doctors who state the purpose CARE.",
} if not _acts

# METADATA
# title: The user is not on duty
deny contains {
	"code": "care.off_duty",
	"title": "Your shift has not begun or is over. Ask the colleague on duty.",
} if not _on_duty

default _acts := false

_acts if {
	staff.acts_as(input.user, "doctor", input.context)
} else if {
	override.granted(input.user, input.context)
}

default _on_duty := false

_on_duty if {
	shifts.on_duty(input.user, input.now)
} else if {
	override.granted(input.user, input.context)
}
