# METADATA
# title: Does a data product's configuration conform?
# description: |
#   Collects what the rules below `rules` and `domains` find. `input` is one document as it was written or,
#   for rules across files, a list of `{"path", "contents"}` as `conftest test --combine` gives it.
#   `deny` and `warn` are for conftest; the entrypoints are for an OPA server and `portcullis check`.
package dataproduct

import data.dataproduct.lib.meta
import data.dataproduct.lib.registry

# METADATA
# title: What must be put right (critical and error)
# entrypoint: true
deny contains finding if {
	some finding in findings
	finding.severity in {"critical", "error"}
}

# METADATA
# title: What should be put right (warning and info)
# entrypoint: true
warn contains finding if {
	some finding in findings
	not finding.severity in {"critical", "error"}
}

# METADATA
# title: Every rule's outcome, and every finding in a stable order
# entrypoint: true
report := {"rules": outcomes, "findings": sort(findings)}

# METADATA
# title: The answer of an OPA server that is asked to validate a product
# description: |
#   `errors` holds what denies, as `{"code", "rule", "path", "message"}`: `policy.missing`, `policy.invalid`,
#   `enforcement.invalid`, or `rule.failed` for the rules on anything else. Valid is only what was judged.
# entrypoint: true
validation := {"valid": valid, "errors": errors}

# METADATA
# title: Findings with everything that their rule's METADATA says
findings contains finding if {
	some id, rule in registry.rules
	count(rule.deny) > 0
	standing := meta.severity(id, rule.meta)
	some found in rule.deny
	finding := meta.finding(id, rule.meta, standing, found)
}

# METADATA
# title: passed, failed or notEvaluated, by rule id
outcomes[id] := outcome if {
	some id, rule in registry.rules
	outcome := _outcome(rule)
}

_outcome(rule) := "failed" if {
	count(rule.deny) > 0
} else := "passed" if {
	rule.applies
} else := "notEvaluated"

# METADATA
# title: What denies, in an OPA server's words
errors := [error |
	some finding in sort(deny)
	error := {"code": finding.code, "rule": finding.rule, "path": finding.path, "message": finding.message}
]

# METADATA
# title: Judged by at least one rule that has something to say, and found in order
default valid := false

valid if {
	count(deny) == 0
	some id, outcome in outcomes
	id != "VOC-01"
	outcome == "passed"
}
