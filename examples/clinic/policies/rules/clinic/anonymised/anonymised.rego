# METADATA
# title: Researchers see anonymised results, and nobody in them
# description: |
#   Only results that are marked as anonymised by the boolean true. What could still name somebody is masked: the
#   number of the patient becomes a keyed hash, so that results of one person stay together, and a day its year.
# custom:
#   code: research.not_anonymised
#   facts:
#     anonymised: {path: /anonymised, equals: {value: true}}
package rules.clinic.anonymised

import data.lib.override

# METADATA
# title: The result is anonymised
permit contains "research.anonymised" if _anonymised

# METADATA
# title: The result is not known to be anonymised
deny contains {
	"code": "research.not_anonymised",
	"title": "This result is not anonymised. Ask the trial's data manager.",
} if not _anonymised

# METADATA
# title: What could name the patient
mask contains field if {
	not _overrides
	some field in [
		{"path": "/patientId", "action": "hash"},
		{"path": "/sampledAt", "action": "date", "to": "year"},
	]
}

default _anonymised := false

_anonymised if {
	input.facts["clinic.anonymised"].anonymised == true
} else if {
	_overrides
}

default _overrides := false

_overrides if override.granted(input.user, input.context)
