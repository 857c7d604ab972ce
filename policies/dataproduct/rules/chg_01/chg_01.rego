# METADATA
# title: A breaking change is a new major version, announced and in parallel
# description: |
#   Against the base. For what consumers read (contracts that no input port alone uses): a field that is gone, renamed, of another type, unit,
#   meaning, key or partition, no longer required or unique, with new values or wider limits; a server that is gone or moved; a service level that is
#   lower; a shorter retention; an output port or document that is gone. For what producers write (contracts of input ports): a field that is now required,
#   of another type, or with fewer values or tighter limits. It needs a new major version; what the old one offered stays beside it, deprecated
#   with endOfSupport as far away as the vocabulary's notice_min_days, or had come to that end before.
# custom:
#   id: CHG-01
#   severity: error
#   scope: change
#   regulation: ["OMDS", "ISO 27001 A.8.32"]
#   remedy: Raise the major version and keep the old contract or port beside the new one for the notice period, or take the change back.
package dataproduct.rules.chg_01

import data.dataproduct.lib.breaches
import data.dataproduct.lib.changes
import data.dataproduct.lib.dates
import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.retention
import data.dataproduct.lib.service_levels
import data.dataproduct.lib.values
import data.dataproduct.lib.versions
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if changes.present

deny contains {"file": found.pair.current.file, "path": found.path, "msg": msg} if {
	some found in _breaking
	not _major(found.pair)
	msg := sprintf(
		"%s %s, and the version goes from %v to %v without a new major version.",
		[found.name, found.breach, values.member(found.pair.base.body, "version"), values.member(found.pair.current.body, "version")],
	)
}

deny contains {"file": pair.current.file, "path": array.concat(pair.current.base, ["version"]), "msg": msg} if {
	some pair in {found.pair | some found in _breaking}
	_major(pair)
	not _parallel(pair)
	msg := sprintf(
		"The new major version breaks its readers or writers (%s %s), and the old one is not kept in parallel, with an endOfSupport at least %v days from now.",
		[_first(pair).name, _first(pair).breach, _notice],
	)
}

deny contains {"file": item.file, "path": [], "msg": msg} if {
	some item in changes.removed
	not values.text(item.body, "status") in {"retired", "draft", "proposed"}
	msg := sprintf("%s is gone, and was not retired before.", [values.label(item.body, 0)])
}

_breaking contains {"pair": change.pair, "path": _place(change), "name": change.name, "breach": breach} if {
	some change in changes.fields_changed
	some side in _sides(change.pair)
	some breach in breaches.of(side, change)
}

_breaking contains {"pair": pair, "path": array.concat(pair.current.base, ["outputPorts"]), "name": sprintf("The output port \"%s\"", [change.name]), "breach": "is gone"} if {
	some pair in changes.documents
	some change in changes.parts_changed(pair, "outputPorts")
	change.after == null
	not _over(_contract_before(change.before))
}

_breaking contains {"pair": pair, "path": change.after.path, "name": sprintf("The output port \"%s\"", [change.name]), "breach": sprintf("changes %s from %v to %v", [key, before, after])} if {
	some pair in changes.documents
	some change in changes.parts_changed(pair, "outputPorts")
	change.after != null
	some key in ["contractId", "type"]
	before := values.member(values.member(change.before, "value"), key)
	after := values.member(change.after.value, key)
	before != null
	before != after
}

_breaking contains {"pair": pair, "path": array.concat(pair.current.base, ["servers"]), "name": sprintf("The server \"%s\"", [change.name]), "breach": "is gone"} if {
	some pair in changes.documents
	"consumer" in _sides(pair)
	some change in changes.parts_changed(pair, "servers")
	change.after == null
}

_breaking contains {"pair": pair, "path": change.after.path, "name": sprintf("The server \"%s\"", [change.name]), "breach": sprintf("is moved: %s goes from %v to %v", [key, before, after])} if {
	some pair in changes.documents
	"consumer" in _sides(pair)
	some change in changes.parts_changed(pair, "servers")
	change.after != null
	some key in ["type", "location", "host", "port", "account", "project", "database", "catalog", "dataset", "schema", "topic", "path", "format", "endpointUrl"]
	before := values.member(values.member(change.before, "value"), key)
	after := values.member(change.after.value, key)
	before != null
	before != after
}

_breaking contains {"pair": pair, "path": array.concat(pair.current.base, ["slaProperties"]), "name": "The retention", "breach": sprintf("is shorter: %v days become %v", [round(before / 86400), round(after / 86400)])} if {
	some pair in changes.documents
	before := retention.longest(pair.base)
	after := retention.longest(pair.current)
	after < before
	before < retention.endless
}

_breaking contains {"pair": pair, "path": array.concat(pair.current.base, ["slaProperties"]), "name": sprintf("The service level \"%s\"", [change.name]), "breach": "is lower"} if {
	some pair in changes.documents
	"consumer" in _sides(pair)
	some change in changes.parts_changed(pair, "slaProperties")
	service_levels.lowered(change)
	not _approvable(pair)
}

# A service level in one version is CHG-02's to have approved; a new major version announces it.
default _approvable(_) := false

_approvable(pair) if not _major(pair)

_first(pair) := sort({found | some found in _breaking; found.pair == pair})[0]

default _major(_) := false

_major(pair) if versions.major_step(values.member(pair.base.body, "version"), values.member(pair.current.body, "version"))

# Who uses a contract says who a change breaks; one that nobody names is taken to be read.
_sides(pair) := ({"producer" | pair.base.id in _fed} | {"consumer" | pair.base.id in _offered}) | {"consumer" | not pair.base.id in _fed}

_fed := _named("inputPorts")

_offered := _named("outputPorts")

_named(key) := {id |
	some item in array.concat(changes.base, changes.current)
	some port in document.parts_of(item, key)
	id := values.text(port.value, "contractId")
	id != ""
}

_place(change) := change.after.path if {
	change.after != null
} else := ["schema"]

# The old version goes on beside the new one, or had come to its announced end.
default _parallel(_) := false

_parallel(pair) if _over(pair.base)

_parallel(pair) if {
	some item in changes.current
	item.kind == pair.base.kind
	[item.file, item.id] != [pair.current.file, pair.current.id]
	values.text(item.body, "name") == values.text(pair.base.body, "name")
	versions.same_major(values.member(item.body, "version"), values.member(pair.base.body, "version"))
	_announced(item)
}

_parallel(pair) if {
	pair.base.kind in {"product", "profile"}
	every change in [each | some each in changes.parts_changed(pair, "outputPorts"); each.after == null] {
		_over(_contract_before(change.before))
	}
}

default _announced(_) := false

_announced(item) if {
	some day in _ends(item)
	dates.age_hours(day) <= -24 * (_notice - 1)
}

default _over(_) := false

_over(item) if {
	values.text(values.member(item, "body"), "status") in {"deprecated", "retired"}
	some day in _ends(item)
	not dates.future(day)
}

_ends(item) := {day |
	some part in document.service_levels_of(item)
	lower(values.text(part.value, "property")) in {"endofsupport", "eos"}
	day := dates.day(values.member(part.value, "value"))
	day != ""
}

_contract_before(port) := contract if {
	id := values.text(port.value, "contractId")
	id != ""
	contract := [item | some item in changes.base; item.kind == "contract"; item.id == id][0]
} else := null

_notice := vocabulary.number("", "notice_min_days")
