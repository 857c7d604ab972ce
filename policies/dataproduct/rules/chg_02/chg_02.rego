# METADATA
# title: Weakening needs a recorded approval
# description: |
#   Against the base, a classification that goes down or away, a longer retention, a lower service level, a
#   mask, role approver, policy or quality rule that is gone, or another region weakens what was promised.
# custom:
#   id: CHG-02
#   severity: error
#   scope: change
#   regulation: ["GDPR 5(2)", "GDPR 24", "GDPR 25"]
#   remedy: Take the change back, or record an approval (kind Approvals) with rule, product, path, from, to, approvedBy, role, ticket and date.
package dataproduct.rules.chg_02

import data.dataproduct.lib.access
import data.dataproduct.lib.changes
import data.dataproduct.lib.document
import data.dataproduct.lib.levels
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.retention
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if changes.present

deny contains {"file": found.item.file, "path": found.path, "msg": msg} if {
	some found in _weakened
	not changes.approved("CHG-02", found.item, found.path, found.from, found.to)
	msg := sprintf("%s goes from %v to %v, which weakens what was promised and has no recorded approval.", [found.what, found.from, found.to])
}

_weakened contains {"item": change.pair.current, "path": change.after.path, "what": sprintf("The classification of %s", [change.name]), "from": change.before.classification, "to": change.after.classification} if {
	some change in changes.fields_changed
	_both(change)
	change.before.classification != change.after.classification
	_lower(change.before.classification, change.after.classification)
}

_weakened contains {"item": change.pair.current, "path": change.after.path, "what": sprintf("The %s of %s", [key, change.name]), "from": before, "to": after} if {
	some change in changes.fields_changed
	_both(change)
	some key in ["masking", "category"]
	before := values.custom(change.before.value, key)
	after := values.custom(change.after.value, key)
	not before in {null, "none"}
	before != after
}

_weakened contains {"item": pair.current, "path": array.concat(pair.current.base, ["slaProperties"]), "what": "The longest retention", "from": before, "to": after} if {
	some pair in changes.documents
	before := _longest(pair.base)
	after := _longest(pair.current)
	after > before
}

_weakened contains {"item": pair.current, "path": array.concat(pair.current.base, [key]), "what": sprintf("%s of %s", [attribute, name]), "from": from, "to": to} if {
	some pair in changes.documents
	some [key, attribute] in [
		["servers", "region"], ["servers", "location"],
		["roles", "firstLevelApprovers"], ["roles", "secondLevelApprovers"], ["roles", "access"],
		["policies", "expression"], ["policies", "enforcement"],
		["slaProperties", "value"],
		["outputPorts", "accessPolicy"],
	]
	before := _named(pair.base, key)
	after := _named(pair.current, key)
	some name, part in before
	from := _attribute(part, attribute)
	from != null
	to := _attribute(values.member(after, name), attribute)
	from != to
	not _better(key, name, from, to)
}

default _both(_) := false

_both(change) if {
	change.before != null
	change.after != null
}

default _lower(_, _) := false

_lower(before, after) if levels.rank(after) < levels.rank(before)

_lower(before, after) if {
	levels.known(before)
	not levels.known(after)
}

# Endless is longer than anything; nothing declared is endless.
_longest(item) := max(times) if {
	said := retention.declared_in(item)
	count(said) > 0
	times := [time | some entry in said; time := _time(entry)]
} else := 1000000000000

_time(entry) := entry.seconds if {
	entry.seconds != null
} else := 1000000000000

_named(item, key) := object.union_n([{_name(part.value): part.value} | some part in document.parts_of(item, key)])

_name(value) := names[0] if {
	names := [name | some key in ["name", "server", "role", "property", "id"]; name := values.text(value, key); name != ""]
	count(names) > 0
} else := ""

_attribute(value, "accessPolicy") := access.declared({"value": value})

_attribute(value, attribute) := values.member(value, attribute) if attribute != "accessPolicy"

# Only what is counted upwards can get better; of everything else any change is for somebody to approve.
default _better(_, _, _, _) := false

_better("slaProperties", name, _, _) if lower(name) in {"retention", "rt"}

_better("slaProperties", name, from, to) if {
	lower(name) == "availability"
	is_number(from)
	is_number(to)
	to > from
}

_better("slaProperties", name, from, to) if {
	lower(name) in {"latency", "frequency"}
	is_number(from)
	is_number(to)
	to < from
}
