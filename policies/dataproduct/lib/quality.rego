# METADATA
# title: Results of quality tools in one form
# description: |
#   Great Expectations (0.x and 1.x), Soda (v3, v4), dbt, datacontract-cli. A run: `tool`, `ran_at` (as written), `asset`, `checks`, each
#   `ids`, `dimension`, `target`, `status` (pass, warn, fail, error, not_run). A status that is not known is an error;
#   NOT_EVALUATED is not_run.
package dataproduct.lib.quality

import data.dataproduct.lib.values

# METADATA
# title: Is a document the result of a quality tool?
default results(_) := false

results(document) if count(_listed(document)) > 0

results(document) if is_object(values.member(document, "statistics"))

results(document) if {
	is_object(document)
	"checks" in object.keys(document)
	some key in ["dataTimestamp", "timestampStart"]
	values.text(document, key) != ""
}

results(document) if contains(values.text(values.map(document, "metadata"), "dbt_schema_version"), "/run-results/")

# METADATA
# title: A result in the one form
run(document) := {
	"tool": _tool(document),
	"ran_at": ran_at(document),
	"asset": _asset(document),
	"checks": checks(document),
}

# METADATA
# title: When the checks ran, as it is written; an empty text where it is not
ran_at(document) := moments[0] if {
	moments := [moment |
		some moment in [
			values.text(values.map(document, "metadata"), "generated_at"),
			values.text(values.map(values.map(document, "meta"), "run_id"), "run_time"),
			values.text(document, "dataTimestamp"),
			values.text(document, "timestampEnd"),
			values.text(document, "timestampStart"),
		]
		moment != ""
	]
} else := ""

# METADATA
# title: The checks with their statuses
checks(document) := [check |
	some item in _listed(document)
	check := {
		"path": item.path,
		"id": _id(item.value),
		"ids": _ids(item.value),
		"dimension": _dimension(item.value),
		"target": _target(item.value),
		"status": _status(item.value),
	}
]

_listed(document) := [{"path": [key, index], "value": value} |
	some key in ["results", "checks"]
	some index, value in values.list(document, key)
]

_tool(document) := "dbt" if {
	values.text(values.map(document, "metadata"), "dbt_schema_version") != ""
} else := "great-expectations" if {
	is_object(values.member(document, "statistics"))
} else := "datacontract" if {
	values.text(document, "dataContractId") != ""
} else := "soda" if {
	count(values.list(document, "checks")) > 0
} else := "unknown"

_asset(document) := assets[0] if {
	assets := [asset |
		some asset in [
			values.text(document, "dataContractId"),
			values.text(document, "asset"),
			values.text(document, "dataset"),
			values.text(values.map(document, "meta"), "data_asset_name"),
			values.text(values.map(values.map(document, "meta"), "active_batch_definition"), "data_asset_name"),
		]
		asset != ""
	]
} else := ""

_config(value) := values.map(value, "expectation_config")

_id(value) := ids[0] if {
	ids := [id |
		some id in [
			values.text(value, "qualityId"),
			values.text(value, "id"),
			values.text(value, "unique_id"),
			values.text(value, "path"),
			values.text(value, "name"),
			values.text(_config(value), "id"),
			values.text(_config(value), "type"),
			values.text(_config(value), "expectation_type"),
		]
		id != ""
	]
} else := "(unnamed)"

# What a declared check may be called in a result. dbt's unique_id is `test.<project>.<name>.<hash>`.
_ids(value) := whole | parts if {
	whole := {id |
		some holder in [value, _config(value), values.map(_config(value), "meta"), values.map(value, "meta"), values.map(value, "attributes")]
		some key in ["qualityId", "quality_id", "id", "unique_id", "name", "path"]
		id := values.text(holder, key)
		id != ""
	}
	parts := {part |
		some key in ["unique_id", "path"]
		some part in regex.split(`[./]`, values.text(value, key))
		part != ""
	}
}

_dimension(value) := lower(dimensions[0]) if {
	dimensions := [dimension |
		some holder in [value, values.map(value, "attributes"), values.map(value, "meta"), values.map(_config(value), "meta")]
		dimension := values.text(holder, "dimension")
		dimension != ""
	]
} else := ""

_target(value) := targets[0] if {
	targets := [target |
		some target in [
			values.text(value, "field"),
			values.text(value, "column"),
			values.text(values.map(_config(value), "kwargs"), "column"),
		]
		target != ""
	]
} else := ""

_status(value) := status if {
	value.success == true
	not _raised(value)
	status := "pass"
} else := "error" if {
	_raised(value)
} else := "fail" if {
	value.success == false
} else := status if {
	words := [word | some key in ["outcome", "status", "result"]; word := lower(values.text(value, key)); word != ""]
	status := _statuses[words[0]]
} else := "error"

default _raised(_) := false

_raised(value) if not values.member(values.map(value, "exception_info"), "raised_exception") in {null, false}

_statuses := {
	"pass": "pass", "passed": "pass", "success": "pass",
	"warn": "warn", "warning": "warn",
	"fail": "fail", "failed": "fail",
	"error": "error", "runtime error": "error",
	"not_evaluated": "not_run", "skipped": "not_run", "excluded": "not_run", "unknown": "not_run", "info": "not_run", "no-op": "not_run",
}
