# METADATA
# title: Pharmacists see prescriptions of sensitivity below 3
# description: |
#   What a medicine is for stays with the doctor. Prescriptions are CSV, where a level can only be text: a closed table
#   reads it, and any other text is no level.
# custom:
#   code: dispensing.sensitivity
#   facts:
#     sensitivity: {get: /sensitivity}
package rules.clinic.dispensing

import data.lib.levels
import data.lib.override

# METADATA
# title: The prescription is of low sensitivity
permit contains "dispensing.prescription" if _dispensable

# METADATA
# title: The prescription is too sensitive
deny contains {
	"code": "dispensing.sensitivity",
	"title": "Prescriptions of sensitivity 3 and above are dispensed by the ward.",
} if not _dispensable

# METADATA
# title: What the medicine is for
mask contains {"path": "/indication", "action": "null"} if not _overrides

default _dispensable := false

_dispensable if {
	levels.of_text(input.facts["clinic.dispensing"].sensitivity) < 3
} else if {
	_overrides
}

default _overrides := false

_overrides if override.granted(input.user, input.context)
