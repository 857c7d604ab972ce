# METADATA
# title: Results of quality tools in one form
# description: |
#   Great Expectations (0.x and 1.x), Soda (v3, v4), dbt. Each check: `id`, `status` (pass, warn, fail, error, not_run). A status
#   that is not known is an error; NOT_EVALUATED is not_run.
package dataproduct.lib.quality

import data.dataproduct.lib.values

# METADATA
# title: Is a document the result of a quality tool?
default results(_) := false

results(document) if count(_listed(document)) > 0

results(document) if is_object(values.member(document, "statistics"))

# METADATA
# title: When the checks ran, as it is written
ran_at(document) := values.text(values.map(document, "metadata"), "generated_at") if {
	values.text(values.map(document, "metadata"), "generated_at") != ""
} else := object.get(values.map(values.map(document, "meta"), "run_id"), "run_time", object.get(document, "dataTimestamp", ""))

# METADATA
# title: The checks with their statuses
checks(document) := [{"path": item.path, "id": _id(item.value), "status": _status(item.value)} | some item in _listed(document)]

_listed(document) := [{"path": [key, index], "value": value} |
	some key in ["results", "checks"]
	some index, value in values.list(document, key)
]

_id(value) := ids[0] if {
	ids := [id |
		some id in [
			values.text(value, "unique_id"),
			values.text(value, "path"),
			values.text(value, "name"),
			values.text(values.map(value, "expectation_config"), "type"),
			values.text(values.map(value, "expectation_config"), "expectation_type"),
		]
		id != ""
	]
	count(ids) > 0
} else := "(unnamed)"

_status(value) := status if {
	value.success == true
	not _raised(value)
	status := "pass"
} else := "fail" if {
	value.success == false
} else := status if {
	words := [word | some key in ["outcome", "status", "result"]; word := lower(values.text(value, key)); word != ""]
	status := _statuses[words[0]]
} else := "error"

default _raised(_) := false

_raised(value) if values.member(values.map(value, "exception_info"), "raised_exception") == true

_statuses := {
	"pass": "pass", "passed": "pass", "success": "pass",
	"warn": "warn", "warning": "warn",
	"fail": "fail", "failed": "fail",
	"error": "error", "runtime error": "error",
	"not_evaluated": "not_run", "skipped": "not_run", "excluded": "not_run", "unknown": "not_run", "info": "not_run", "no-op": "not_run",
}
