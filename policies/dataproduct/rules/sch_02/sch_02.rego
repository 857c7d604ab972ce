# METADATA
# title: Critical data elements have a key, a quality rule and a lineage
# description: |
#   For every field marked criticalDataElement, its object has a primary key, the field or its object a quality
#   rule, and the field the sources that it is made from.
# custom:
#   id: SCH-02
#   severity: error
#   scope: document
#   regulation: ["BCBS 239 P2", "BCBS 239 P3"]
#   remedy: Give the object a field with primaryKey true, the critical field a quality rule and transformSourceObjects.
package dataproduct.rules.sch_02

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind == "contract"

deny contains {"path": field.path, "msg": msg} if {
	applies
	some field in fields.all
	mark := values.member(field.value, "criticalDataElement")
	mark != null
	not is_boolean(mark)
	msg := sprintf("criticalDataElement of %s is neither true nor false, so it counts as true and must be said.", [field.label])
}

deny contains {"path": field.path, "msg": msg} if {
	applies
	some field in fields.critical
	held := fields.objects[field.path[1]]
	some lack in [_key_lack(held), _quality_lack(held, field), _lineage_lack(field)]
	lack != ""
	msg := sprintf("The critical data element %s has no %s.", [field.label, lack])
}

_key_lack(held) := "" if {
	some field in values.list(held.value, "properties")
	values.member(field, "primaryKey") == true
} else := "key: no field of its object is the primary key"

_quality_lack(held, field) := "" if {
	some holder in [held.value, field.value]
	some rule in values.list(holder, "quality")
	is_object(rule)
} else := "quality rule"

_lineage_lack(field) := "" if {
	count(values.texts(values.member(field.value, "transformSourceObjects"))) > 0
} else := "lineage: transformSourceObjects names no source"
