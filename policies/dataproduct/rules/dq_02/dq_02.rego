# METADATA
# title: The last results of quality checks are fresh, complete and good
# description: |
#   Every check of every result ran and passed, the run is not older than the vocabulary allows, and something
#   ran at all. A contract of tier 1 with quality rules has results in the tree when any are there.
# custom:
#   id: DQ-02
#   severity: error
#   scope: tree
#   regulation: ["BCBS 239 P3", "AI Act 10(3)"]
#   remedy: Run the checks again after mending the data; a check that did not run is no pass.
package dataproduct.rules.dq_02

import data.dataproduct.lib.dates
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.quality
import data.dataproduct.lib.tree
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if count(_results) > 0

deny contains {"file": result.file, "path": check.path, "msg": msg} if {
	some result in _results
	some check in quality.checks(result.body)
	check.status in {"fail", "error", "not_run"}
	msg := sprintf("The check %s has the status %s.", [check.id, check.status])
}

deny contains {"file": result.file, "path": [], "msg": "The result holds no check, so nothing was checked."} if {
	some result in _results
	count(quality.checks(result.body)) == 0
}

deny contains {"file": result.file, "path": [], "msg": "The checks have not run recently enough, or the result doesn't say when."} if {
	some result in _results
	not _fresh(quality.ran_at(result.body))
}

_results := [item | tree.several; some item in tree.items; item.format == "other"; quality.results(item.body)]

default _fresh(_) := false

_fresh(moment) if {
	dates.day(moment) != ""
	age := dates.age_hours(moment)
	age <= values.number_or(vocabulary.setting("", "quality_results_age_max_hours"), 0)
}
