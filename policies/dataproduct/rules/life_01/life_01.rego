# METADATA
# title: A known status, and an end that is announced
# description: |
#   The status is one of the organisation's, and changes only as its table of transitions says. Who is
#   deprecated or retired names the end of support and the successor. The next review is not overdue.
# custom:
#   id: LIFE-01
#   severity: error
#   scope: document
#   also: change
#   regulation: ["GDPR 24(1)", "ISO 27001 A.8.32"]
#   remedy: Use a status of the vocabulary; for deprecated and retired ones add the service level endOfSupport and the custom property successor; put reviewAfter to a day to come once the review is done.
package dataproduct.rules.life_01

import data.dataproduct.lib.changes
import data.dataproduct.lib.dates
import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

applies if changes.present

deny contains {"path": document.path(["status"]), "msg": msg} if {
	document.governed
	not _status in vocabulary.terms(document.domain, "statuses")
	msg := sprintf("The status \"%s\" is none of: %s.", [_status, concat(", ", sort(vocabulary.terms(document.domain, "statuses")))])
}

deny contains {"path": document.path(["slaProperties"]), "msg": msg} if {
	document.governed
	_ending
	not _end_of_support
	msg := sprintf("The status is %s, and no service level endOfSupport gives a date.", [_status])
}

deny contains {"path": document.custom_path("successor"), "msg": msg} if {
	document.governed
	_ending
	values.text_of(document.custom("successor")) == ""
	msg := sprintf("The status is %s, and the custom property successor names nobody who takes over (none, if so).", [_status])
}

deny contains {"path": document.custom_path("reviewAfter"), "msg": msg} if {
	document.governed
	review := document.custom("reviewAfter")
	review != null
	not dates.day(review) >= dates.today
	msg := _review_message(review)
}

deny contains {"file": pair.current.file, "path": array.concat(pair.current.base, ["status"]), "msg": msg} if {
	some pair in changes.documents
	before := values.text(pair.base.body, "status")
	after := values.text(pair.current.body, "status")
	before != after
	table := values.object_of(vocabulary.setting(pair.current.domain, "status_transitions"))
	not after in values.texts(values.member(table, before))
	msg := sprintf("The status goes from \"%s\" to \"%s\", which is no step that the organisation knows.", [before, after])
}

_status := values.text(document.body, "status")

default _ending := false

_ending if _status in {"deprecated", "retired"}

default _end_of_support := false

_end_of_support if {
	some part in document.service_levels
	lower(values.text(part.value, "property")) in {"endofsupport", "eos"}
	dates.day(values.member(part.value, "value")) != ""
}

_review_message(review) := sprintf("The review was due on %s.", [dates.day(review)]) if {
	dates.day(review) != ""
} else := "The custom property reviewAfter is not a date (YYYY-MM-DD)."
