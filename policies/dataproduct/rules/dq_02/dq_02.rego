# METADATA
# title: The last results of quality checks are fresh, complete and good
# description: |
#   As soon as results of Great Expectations, Soda, dbt or datacontract-cli stand beside the contracts, each is recent, every check
#   that a contract declares by id or name has a result, and of each dimension as many checks pass as the tier asks for. In tier 1, and
#   for checks of no contract, each check passes. Of several results of one check the latest counts; warn is a pass.
# custom:
#   id: DQ-02
#   severity: error
#   scope: tree
#   regulation: ["BCBS 239 P3", "AI Act 10(3)"]
#   remedy: Run the checks again and mend the data, or the pipeline that feeds it.
package dataproduct.rules.dq_02

import data.dataproduct.lib.dates
import data.dataproduct.lib.measured
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if count(measured.runs) > 0

deny contains {"file": check.file, "path": check.path, "msg": msg} if {
	some check in measured.checks
	check.tier == 1
	check.status in {"fail", "error", "not_run"}
	msg := sprintf("The check %s has the status %s.", [check.id, check.status])
}

deny contains {"file": check.file, "path": check.path, "msg": msg} if {
	some [contract, tier, dimension], held in _by_dimension
	tier != 1
	passed := [check | some check in held; check.status in {"pass", "warn"}]
	percent := (100 * count(passed)) / count(held)
	least := vocabulary.limit("", "quality_min_percent", format_int(tier, 10), 100)
	percent < least
	some check in held
	not check.status in {"pass", "warn"}
	msg := sprintf(
		"Of the checks of %s of %s, %v %% pass, and %v %% are asked for in tier %d; %s has the status %s.",
		[dimension, contract, floor(percent), least, tier, check.id, check.status],
	)
}

deny contains {"file": check.file, "path": check.path, "msg": msg} if {
	some check in measured.missing
	msg := sprintf("The declared check %s has no result.", [concat(", ", sort(check.names))])
}

deny contains {"file": run.file, "path": [], "msg": "The result holds no check, so nothing was checked."} if {
	some run in measured.runs
	count(run.checks) == 0
}

deny contains {"file": run.file, "path": [], "msg": "The checks have not run recently enough, or the result doesn't say when."} if {
	some index, run in measured.runs
	_counts(index, run)
	not _fresh(run.ran_at)
}

_by_dimension[[check.contract, check.tier, check.dimension]] contains check if some check in measured.checks

# A result that later ones stand for in every check need not be recent.
default _counts(_, _) := false

_counts(_, run) if count(run.checks) == 0

_counts(index, _) if index in _live

_live := {check.run | some check in measured.checks}

default _fresh(_) := false

_fresh(moment) if {
	dates.day(moment) != ""
	age := dates.age_hours(moment)
	age >= -1
	age <= vocabulary.number("", "quality_results_age_max_hours")
}
