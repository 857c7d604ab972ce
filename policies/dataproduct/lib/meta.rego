# METADATA
# title: What a rule's METADATA says, and findings made with it
package dataproduct.lib.meta

import data.dataproduct.lib.vocabulary

# METADATA
# title: The annotations that carry an id, with title and custom fields in one object
# description: The argument is `rego.metadata.chain()` of the rule package.
of(chain) := found if {
	annotated := [link.annotations | some link in chain; link.annotations.custom.id]
	count(annotated) > 0
	found := object.union(annotated[0].custom, {"title": annotated[0].title})
}

# METADATA
# title: A finding as it is reported
# description: |
#   `standing` is the severity of the rule today. `msg` is what conftest shows. A rule may give a finding a severity or a code of its own.
finding(id, meta, standing, found) := object.union(
	found,
	{
		"rule": id,
		"severity": object.get(found, "severity", standing),
		"msg": concat(" ", [id, found.msg]),
		"message": found.msg,
		"path": found.path,
		"remedy": meta.remedy,
		"regulation": meta.regulation,
		"code": object.get(found, "code", object.get(meta, "code", "rule.failed")),
	},
)

# METADATA
# title: The severity of a rule today
# description: An organisation may set another one in its vocabulary (`severities`), except for critical rules.
severity(id, meta) := "critical" if {
	meta.severity == "critical"
} else := set_severity if {
	set_severity := object.get(vocabulary.setting("", "severities"), id, null)
	set_severity in {"error", "warning", "info"}
} else := meta.severity_before if {
	time.now_ns() < time.parse_rfc3339_ns(sprintf("%sT00:00:00Z", [meta.effective_from]))
} else := meta.severity
