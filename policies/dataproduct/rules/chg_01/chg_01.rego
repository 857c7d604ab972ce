# METADATA
# title: A breaking change is a new major version
# description: |
#   Against the base, a field that is gone, of another type, no longer required, with another key or another
#   unit breaks its readers, as does an output port or contract that is gone. It needs a new major version.
# custom:
#   id: CHG-01
#   severity: error
#   scope: change
#   regulation: ["OMDS", "ISO 27001 A.8.32"]
#   remedy: Raise the major version and keep the old port beside the new one for the notice period, or take the change back.
package dataproduct.rules.chg_01

import data.dataproduct.lib.changes
import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.versions

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if changes.present

deny contains {"file": change.pair.current.file, "path": _place(change), "msg": msg} if {
	some change in changes.fields_changed
	not _major(change.pair)
	some breach in _breaches(change)
	msg := sprintf("%s %s, and the version goes from %v to %v without a new major version.", [change.name, breach, change.pair.base.body.version, change.pair.current.body.version])
}

deny contains {"file": pair.current.file, "path": array.concat(pair.current.base, ["outputPorts"]), "msg": msg} if {
	some pair in changes.documents
	not _major(pair)
	some name in (_ports(pair.base) - _ports(pair.current))
	msg := sprintf("The output port \"%s\" is gone without a new major version.", [name])
}

deny contains {"file": item.file, "path": [], "msg": msg} if {
	some item in changes.removed
	not values.text(item.body, "status") in {"retired", "draft", "proposed"}
	msg := sprintf("%s is gone, and was not retired before.", [values.label(item.body, 0)])
}

default _major(_) := false

_major(pair) if versions.major_step(values.member(pair.base.body, "version"), values.member(pair.current.body, "version"))

_ports(item) := {values.text(port.value, "name") | some port in document.parts_of(item, "outputPorts")}

_place(change) := change.after.path if {
	change.after != null
} else := ["schema"]

_breaches(change) := {"is gone"} if {
	change.after == null
} else := set() if {
	change.before == null
} else := {breach |
	some key in ["logicalType", "physicalType", "unit", "primaryKey", "partitioned", "unique"]
	before := values.member(change.before.value, key)
	after := values.member(change.after.value, key)
	before != after
	_lost(key, before)
	breach := sprintf("changes %s from %v to %v", [key, before, after])
} | {breach |
	values.member(change.before.value, "required") == true
	values.member(change.after.value, "required") != true
	breach := "is no longer required, so it may be missing"
}

default _lost(_, _) := true

_lost("unique", before) := before == true
