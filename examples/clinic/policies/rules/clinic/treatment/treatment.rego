# METADATA
# title: Doctors see the patients of their ward, up to their clearance
# description: The record says which ward treats the patient and how sensitive it is; the directory says the doctor's ward and clearance.
# custom:
#   code: care.patient
#   facts:
#     own_ward: {path: /ward, equals: user.attributes.ward}
#     sensitivity: {get: /sensitivity}
package rules.clinic.treatment

import data.lib.levels
import data.lib.override

# METADATA
# title: The patient is the doctor's own, within their clearance
permit contains "care.patient" if {
	_own_ward
	_cleared
}

# METADATA
# title: Another ward treats the patient
deny contains {
	"code": "care.other_ward",
	"title": "This patient is treated by another ward.",
} if not _own_ward

# METADATA
# title: The record is too sensitive
deny contains {
	"code": "care.clearance",
	"title": "This record is more sensitive than your clearance.",
} if not _cleared

default _own_ward := false

_own_ward if {
	input.facts["clinic.treatment"].own_ward == true
} else if {
	override.granted(input.user, input.context)
}

default _cleared := false

_cleared if {
	levels.covers(input.user.attributes.clearance, input.facts["clinic.treatment"].sensitivity)
} else if {
	override.granted(input.user, input.context)
}
