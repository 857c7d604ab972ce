# METADATA
# title: Results of quality checks of a tree, joined with what its contracts declare
# description: |
#   A check of a result belongs to a contract whose declared check it names, by id or name, or whose id, name or object is the result's
#   asset. Of several results for one check the latest counts.
package dataproduct.lib.measured

import data.dataproduct.lib.dates
import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.quality
import data.dataproduct.lib.tree
import data.dataproduct.lib.values

# METADATA
# title: The runs of the tree
default runs := []

runs := [object.union(quality.run(item.body), {"file": item.file, "moment": _moment(quality.ran_at(item.body))}) |
	some item in tree.items
	item.format == "other"
	quality.results(item.body)
] if {
	tree.several
}

# METADATA
# title: The checks of all runs of which no later result is there, with their contracts and dimensions
checks := [check |
	some at, key in _places
	some [moment, index] in [max(_moments[key])]
	at == [moment, index]
	found := runs[index.run].checks[index.check]
	contract := _contract(runs[index.run], found)
	check := object.union(found, {
		"file": runs[index.run].file,
		"run": index.run,
		"tier": _tier(contract),
		"contract": values.text(contract, "file"),
		"dimension": _dimension(found),
	})
]

# When and where each check stands, and what it is.
_places[[run.moment, {"run": position, "check": index}]] := [_asset_of(run), check.id, check.target] if {
	some position, run in runs
	some index, check in run.checks
}

_moments[key] contains at if some at, key in _places

# dbt writes each run of a project into a file of its own, without an asset.
_asset_of(run) := [run.tool, run.asset]

# METADATA
# title: The checks that contracts declare by id or name, with what they are called, and the contract's tier
declared := [found |
	some contract in tree.contracts
	some holder in array.concat(fields.objects_of(contract), tree.fields_by_file[contract.file])
	some index, rule in values.list(holder.value, "quality")
	names := {values.text(rule, "id"), values.text(rule, "name")} - {""}
	count(names) > 0
	found := {
		"file": contract.file, "path": array.concat(holder.path, ["quality", index]), "names": names,
		"dimension": lower(values.text(rule, "dimension")), "contract": contract, "tier": document.tier_of(contract),
	}
]

_by_name[name] contains place if {
	some place, check in declared
	some name in check.names
}

# METADATA
# title: Declared checks of which there is no result
# description: Of contracts of which anything was measured, and of those of tier 1 as soon as there are results at all.
missing := [check |
	count(runs) > 0
	some check in declared
	_expected(check)
	count(check.names & _seen) == 0
]

_seen := {id | some run in runs; some check in run.checks; some id in check.ids}

default _expected(_) := false

_expected(check) if check.tier == 1

_expected(check) if check.contract.file in {found.contract | some found in checks}

_declarations(check) := [declared[place] |
	some id in check.ids
	some place in object.get(_by_name, id, set())
]

_contract(run, check) := found[0].contract if {
	found := _declarations(check)
	count(found) > 0
} else := held[0] if {
	run.asset != ""
	held := [contract |
		some contract in tree.contracts
		run.asset in ({contract.id, values.text(contract.body, "name")} | {object.name | some object in fields.objects_of(contract)})
	]
	count(held) > 0
} else := null

_dimension(check) := check.dimension if {
	check.dimension != ""
} else := found[0].dimension if {
	found := [each | some each in _declarations(check); each.dimension != ""]
	count(found) > 0
} else := "(no dimension)"

# A check of no contract is held to the strictest tier.
_tier(null) := 1

_tier(contract) := document.tier_of(contract) if contract != null

_moment(text) := time.parse_rfc3339_ns(dates.full(text)) if {
	dates.day(text) != ""
} else := 0
