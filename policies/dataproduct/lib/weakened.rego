# METADATA
# title: Promises that a change makes weaker
# description: |
#   `all` has for each `item` (the document after), `path`, `what` (words), `from` and `to`.
package dataproduct.lib.weakened

import data.dataproduct.lib.access
import data.dataproduct.lib.changes
import data.dataproduct.lib.expressions
import data.dataproduct.lib.fields
import data.dataproduct.lib.levels
import data.dataproduct.lib.masks
import data.dataproduct.lib.retention
import data.dataproduct.lib.service_levels
import data.dataproduct.lib.values

# METADATA
# title: Everything that got weaker
all contains {"item": change.pair.current, "path": change.after.path, "what": concat(" ", ["The classification of", change.name]), "from": change.before.classification, "to": change.after.classification} if {
	some change in _fields
	_lower(change.before.classification, change.after.classification)
}

all contains {"item": change.pair.current, "path": change.after.path, "what": concat(" ", ["The category of", change.name]), "from": before, "to": after} if {
	some change in _fields
	before := values.custom(change.before.value, "category")
	after := values.custom(change.after.value, "category")
	not before in {null, "none"}
	before != after
	[before, after] != ["personal", "special"]
}

all contains {"item": change.pair.current, "path": change.after.path, "what": concat(" ", ["The masking of", change.name]), "from": before, "to": after} if {
	some change in _fields
	before := values.custom(change.before.value, "masking")
	after := values.custom(change.after.value, "masking")
	masks.weaker(before, after)
}

# Documents, schema objects and output ports
all contains {"item": found.item, "path": found.path, "what": concat(" ", ["The classification of", found.what]), "from": found.before, "to": found.after} if {
	some found in _wholes
	_lower(found.before, found.after)
}

_wholes contains {"item": pair.current, "path": pair.current.base, "what": "the document", "before": _level(pair.base.body), "after": _level(pair.current.body)} if {
	some pair in changes.documents
}

_wholes contains {"item": pair.current, "path": change.after.path, "what": sprintf("%s \"%s\"", [_parts[key], change.name]), "before": _level(change.before.value), "after": _level(change.after.value)} if {
	some pair in changes.documents
	some key, _ in _parts
	some change in _both_parts(pair, key)
}

_parts := {"outputPorts": "the output port", "schema": "the object"}

all contains {"item": pair.current, "path": array.concat(pair.current.base, ["slaProperties"]), "what": "The longest retention", "from": before, "to": after} if {
	some pair in changes.documents
	before := retention.longest(pair.base)
	after := retention.longest(pair.current)
	after > before
}

all contains {"item": pair.current, "path": _path(pair, change, "slaProperties"), "what": sprintf("value of %s", [change.name]), "from": _value(change.before), "to": _value(change.after)} if {
	some pair in changes.documents
	some change in changes.parts_changed(pair, "slaProperties")
	service_levels.lowered(change)
}

# Parts whose attributes only somebody who answers for it may change
all contains {"item": pair.current, "path": _path(pair, change, key), "what": sprintf("%s of %s", [attribute, change.name]), "from": from, "to": to} if {
	some pair in changes.documents
	some key, attributes in _attributes
	some change in changes.parts_changed(pair, key)
	change.before != null
	_counts(key, change.after)
	some attribute in attributes
	from := _attribute(change.before, attribute)
	from != null
	to := _attribute(change.after, attribute)
	from != to
	not _stricter(key, attribute, from, to)
}

_attributes := {
	"servers": ["region"],
	"roles": ["firstLevelApprovers", "secondLevelApprovers", "access"],
	"policies": ["expression", "enforcement"],
	"outputPorts": ["accessPolicy"],
}

# Who loses a role can do less; a server or port that is gone is another rule's.
default _counts(_, _) := false

_counts(_, after) if after != null

_counts("policies", null)

default _stricter(_, _, _, _) := false

_stricter("policies", "expression", from, to) if {
	before := expressions.retention_days(from)
	after := expressions.retention_days(to)
	before != null
	after != null
	after <= before
	replace(from, format_int(before, 10), "") == replace(to, format_int(after, 10), "")
}

_stricter("roles", "access", from, to) if {
	values.text_of(lower(from)) in _rights
	values.text_of(lower(to)) in {"read", "select"}
}

_stricter("roles", key, from, _) if {
	key in {"firstLevelApprovers", "secondLevelApprovers"}
	lower(values.text_of(from)) in {"", "na", "n/a", "none", "-"}
}

_rights := {"read", "select", "write", "readwrite", "read/write", "admin", "all", "owner"}

# A role that is new
all contains {"item": pair.current, "path": change.after.path, "what": sprintf("The access of the role %s", [change.name]), "from": null, "to": values.member(change.after.value, "access")} if {
	some pair in changes.documents
	some change in changes.parts_changed(pair, "roles")
	change.before == null
}

# Quality rules, of objects and fields
all contains {"item": pair.current, "path": pair.current.base, "what": sprintf("The quality rule %s of %s", [_rule_name(rule), name]), "from": _rule_name(rule), "to": null} if {
	some pair in changes.documents
	pair.current.kind == "contract"
	after := _rules(pair.current)
	labels := _labels(pair.current)
	some name, rules in _rules(pair.base)
	name in labels
	some index, rule in rules
	not _kept_rule(rule, _ordinal(rules, rule, index), object.get(after, name, []))
}

all contains {"item": pair.current, "path": pair.current.base, "what": sprintf("%s of the quality rule %s of %s", [key, _rule_name(rule), name]), "from": rule[key], "to": values.member(other, key)} if {
	some pair in changes.documents
	pair.current.kind == "contract"
	after := _rules(pair.current)
	some name, rules in _rules(pair.base)
	some index, rule in rules
	same := [each | some each in object.get(after, name, []); _rule_name(each) == _rule_name(rule)]
	other := same[_ordinal(rules, rule, index)]
	some key, direction in _thresholds
	object.get(rule, key, null) != null
	rule[key] != values.member(other, key)
	not _tighter(direction, rule[key], values.member(other, key))
}

# A field that is gone takes its rules with it; that it is gone is another rule's.
_labels(seen) := {holder.label | some holder in array.concat(fields.objects_of(seen), fields.of(seen))}

_rules(seen) := {label: rules |
	held := [holder | some holder in array.concat(fields.objects_of(seen), fields.of(seen)); holder.value.quality]
	some label in {holder.label | some holder in held}
	rules := [rule | some holder in held; holder.label == label; some rule in values.list(holder.value, "quality"); is_object(rule)]
}

_rule_name(rule) := names[0] if {
	names := [name | some key in ["id", "name"]; name := values.text(rule, key); name != ""]
} else := concat(" ", [text | some key in ["type", "metric", "rule", "dimension"]; text := values.text(rule, key); text != ""])

_ordinal(rules, rule, index) := count([1 | some place, other in rules; place < index; _rule_name(other) == _rule_name(rule)])

default _kept_rule(_, _, _) := false

_kept_rule(rule, ordinal, after) if count([other | some other in after; _rule_name(other) == _rule_name(rule)]) > ordinal

_thresholds := {
	"mustBe": "none", "mustNotBe": "none", "mustBeBetween": "none", "mustNotBeBetween": "none", "mustBeGreaterThan": "up",
	"mustBeGreaterOrEqualTo": "up", "mustBeLessThan": "down", "mustBeLessOrEqualTo": "down", "severity": "none", "query": "none",
}

default _tighter(_, _, _) := false

_tighter("up", before, after) if {
	is_number(before)
	is_number(after)
	after > before
}

_tighter("down", before, after) if {
	is_number(before)
	is_number(after)
	after < before
}

# Custom properties with a direction
all contains {"item": found.item, "path": found.path, "what": sprintf("%s.%s of %s", [property, key, found.what]), "from": from, "to": to} if {
	some found in _holders
	some property, keys in _switches
	some key, safe in keys
	from := values.member(values.custom(found.before, property), key)
	to := values.member(values.custom(found.after, property), key)
	from == safe
	to != safe
}

all contains {"item": found.item, "path": found.path, "what": sprintf("%s.%s of %s", [property, key, found.what]), "from": from, "to": to} if {
	some found in _holders
	some [property, key] in [["aiUse", "allowed"], ["agentPolicy", "allowedTools"], ["agentPolicy", "allowedModels"], ["agentPolicy", "useCases"]]
	from := values.member(values.custom(found.before, property), key)
	to := values.member(values.custom(found.after, property), key)
	from != null
	count((values.texts(to) - values.texts(from)) - {"none"}) > 0
}

all contains {"item": found.item, "path": found.path, "what": sprintf("agentPolicy.maxRows of %s", [found.what]), "from": from, "to": to} if {
	some found in _holders
	from := values.member(values.custom(found.before, "agentPolicy"), "maxRows")
	to := values.member(values.custom(found.after, "agentPolicy"), "maxRows")
	is_number(from)
	not _at_most(to, from)
}

default _at_most(_, _) := false

_at_most(to, from) if {
	is_number(to)
	to <= from
}

all contains {"item": found.item, "path": found.path, "what": sprintf("%s of %s", [property, found.what]), "from": from, "to": to} if {
	some found in _holders
	some property in ["residency", "specialCategoryGround", "lawfulBasis"]
	from := values.custom(found.before, property)
	to := values.custom(found.after, property)
	from != null
	from != to
}

_switches := {
	"encryption": {"atRest": true, "key": "customer"},
	"security": {"tlsOnly": true, "publicAccessBlocked": true, "accessLog": true},
	"agentPolicy": {"redactPersonal": true, "humanApproval": true, "logging": true},
	"aiUse": {"textAndDataMining": "reserved"},
}

_holders contains {"item": pair.current, "path": pair.current.base, "what": "the document", "before": pair.base.body, "after": pair.current.body} if {
	some pair in changes.documents
}

_holders contains {"item": pair.current, "path": change.after.path, "what": change.name, "before": change.before.value, "after": change.after.value} if {
	some pair in changes.documents
	some key in ["servers", "outputPorts"]
	some change in _both_parts(pair, key)
}

all contains {"item": found.item, "path": found.path, "what": concat(" ", ["The expiry of the waiver of", found.rule]), "from": found.from, "to": found.to} if {
	some found in changes.waivers_prolonged
}

_fields := [change | some change in changes.fields_changed; change.before != null; change.after != null]

_both_parts(pair, key) := [change | some change in changes.parts_changed(pair, key); change.before != null; change.after != null]

_level(value) := level if {
	level := values.text(value, "classification")
	level != ""
} else := values.text_of(values.custom(value, "classification"))

# Unclassified counts as the highest, and yet to lose a level is a change for somebody to approve.
default _lower(_, _) := false

_lower(before, after) if levels.rank(after) < levels.rank(before)

_lower(before, after) if {
	levels.known(before)
	not levels.known(after)
}

# What is gone stands where its list is.
_path(pair, change, key) := change.after.path if {
	change.after != null
} else := array.concat(pair.current.base, [key])

_value(null) := null

_value(part) := values.member(part.value, "value") if part != null

_attribute(null, _) := null

_attribute(part, "accessPolicy") := access.declared(part) if part != null

_attribute(part, attribute) := values.member(part.value, attribute) if {
	part != null
	attribute != "accessPolicy"
}
