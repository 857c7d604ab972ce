# METADATA
# title: Roles are named, and grave access has a second approver
# description: |
#   A contract at or above the protected level gives no role to everybody. Access to write, and any to the
#   highest level, has a first and a second approver. Columns that a role names (custom property columns) and roles that a mask clears
#   (masking.clearFor) are there.
# custom:
#   id: ACC-03
#   severity: error
#   scope: document
#   regulation: ["HIPAA 164.502(b)", "ISO 27001 A.5.15", "ISO 27001 A.5.18"]
#   remedy: Name the role, and both approvers (na is none).
package dataproduct.rules.acc_03

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.levels
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind == "contract"

deny contains {"path": part.path, "msg": "The role has no name."} if {
	applies
	some part in document.roles
	values.text(part.value, "role") == ""
}

deny contains {"path": part.path, "msg": msg} if {
	applies
	_rank >= levels.protected_rank
	some part in document.roles
	lower(values.text(part.value, "role")) in vocabulary.terms(document.domain, "forbidden_roles")
	msg := sprintf("The role %s is for everybody, and the data is protected.", [part.label])
}

deny contains {"path": part.path, "msg": msg} if {
	applies
	some part in document.roles
	_grave(part.value)
	some key in ["firstLevelApprovers", "secondLevelApprovers"]
	lower(values.text(part.value, key)) in {"", "na", "n/a", "none", "-"}
	msg := sprintf("The role %s has no %s.", [part.label, key])
}

deny contains {"path": values.custom_path(part.path, part.value, "columns"), "msg": msg} if {
	applies
	some part in document.roles
	some column in values.texts(values.custom(part.value, "columns"))
	not column in ({field.name | some field in fields.all} | {field.label | some field in fields.all})
	msg := sprintf("The role %s names the column %s, which is not in the schema.", [part.label, column])
}

deny contains {"path": values.custom_path(field.path, field.value, "masking"), "msg": msg} if {
	applies
	some field in fields.all
	field.value.customProperties
	some role in values.texts(values.member(values.custom(field.value, "masking"), "clearFor"))
	not role in {values.text(part.value, "role") | some part in document.roles}
	msg := sprintf("The masking of %s clears the role %s, which the contract doesn't have.", [field.label, role])
}

_rank := max({found.rank | some found in fields.highest} | {0})

default _grave(_) := false

_grave(_) if _rank >= count(levels.order) - 1

_grave(value) if not lower(values.text(value, "access")) in {"read", "select"}
