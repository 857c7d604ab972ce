# METADATA
# title: How long data is kept, wherever a document says so
# description: |
#   A service level `retention`, the custom property `retentionPolicy` (`period`, `archiveGround`, `legalBasis`) of the document or
#   of a port, or the policy `data_retention` of our profile. Each: `path`, `seconds` (null: unreadable), `forever`, `ground`.
package dataproduct.lib.retention

import data.dataproduct.lib.document
import data.dataproduct.lib.durations
import data.dataproduct.lib.expressions
import data.dataproduct.lib.values

_endless := {"forever", "unlimited", "indefinite", "indefinitely", "permanent", "infinite"}

# METADATA
# title: Every declaration in the document under check
declared := declared_in(document.current)

# METADATA
# title: Every declaration in a document
declared_in(seen) := array.concat(
	array.concat(_levels(seen), _policies(seen)),
	array.concat(_own(seen.body, seen.base), _of_ports(seen)),
)

# METADATA
# title: As long as forever, in seconds
endless := 1000000000000

# METADATA
# title: The longest time that a document declares, in seconds; nothing declared or readable is endless
longest(seen) := max(times) if {
	said := declared_in(seen)
	count(said) > 0
	times := [time | some entry in said; time := _time(entry)]
} else := endless

_time(entry) := entry.seconds if {
	entry.seconds != null
} else := endless

_levels(seen) := [found |
	some part in document.service_levels_of(seen)
	lower(values.text(part.value, "property")) in {"retention", "rt"}
	value := values.member(part.value, "value")
	found := {
		"path": part.path,
		"seconds": durations.seconds(value, values.member(part.value, "unit")),
		"forever": _forever(value),
		"ground": values.text(values.custom(seen.body, "retentionPolicy"), "archiveGround"),
		"legal": "",
	}
]

_own(holder, base) := [_policy(policy, values.custom_path(base, holder, "retentionPolicy"))] if {
	policy := values.custom(holder, "retentionPolicy")
	policy != null
} else := []

_of_ports(seen) := [found |
	some port in document.parts_of(seen, "outputPorts")
	some found in _own(port.value, port.path)
]

_policies(seen) := [found |
	some part in document.parts_of(seen, "policies")
	values.text(part.value, "name") == "data_retention"
	expression := values.member(part.value, "expression")
	found := {
		"path": array.concat(part.path, ["expression"]),
		"seconds": _seconds(expressions.retention_days(expression)),
		"forever": false,
		"ground": "",
		"legal": "",
	}
]

_policy(policy, path) := {
	"path": path,
	"seconds": durations.seconds_of(period),
	"forever": _forever(period),
	"ground": values.text(policy, "archiveGround"),
	"legal": _legal(values.member(policy, "legalMinimum")),
} if {
	period := _period(policy)
}

_legal(null) := ""

_legal(said) := text if {
	said != null
	text := values.text_of(said)
	text != ""
} else := "(invalid)" if {
	said != null
}

_period(policy) := policy.period if {
	is_object(policy)
	policy.period
} else := policy

_seconds(null) := null

_seconds(days) := days * 86400 if is_number(days)

default _forever(_) := false

_forever(value) if {
	is_string(value)
	lower(trim_space(value)) in _endless
}
