# METADATA
# title: Data is kept neither too long nor too short
# description: |
#   The retention is within the maximum of the most sensitive class and category, and reaches the legal minimum
#   it names. Declarations in one document agree, and in a tree no contract
#   keeps data longer than the product whose output port it belongs to.
# custom:
#   id: RET-02
#   severity: error
#   scope: tree
#   regulation: ["GDPR 5(1)(e)", "HIPAA 164.316(b)(2)(i)", "EU 536/2014 Art. 58"]
#   remedy: Bring the retention within the vocabulary's retention_max_days and retention_min_days, and say it once.
package dataproduct.rules.ret_02

import data.dataproduct.lib.document
import data.dataproduct.lib.durations
import data.dataproduct.lib.fields
import data.dataproduct.lib.levels
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.retention
import data.dataproduct.lib.tree
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if {
	document.governed
	count(retention.declared) > 0
}

applies if tree.several

deny contains {"path": said.path, "msg": msg} if {
	applies
	some said in retention.declared
	said.seconds != null
	some class in _classes
	limit := values.number_or(values.member(vocabulary.setting(document.domain, "retention_max_days"), class), 0)
	durations.days(said.seconds) > limit
	not said.ground in vocabulary.terms(document.domain, "archive_grounds")
	msg := sprintf("Data is kept for %s, and %s data for at most %v days.", [durations.words(said.seconds), class, limit])
}

deny contains {"path": said.path, "msg": msg} if {
	applies
	some said in retention.declared
	said.legal != ""
	said.seconds != null
	least := _minima[said.legal]
	durations.days(said.seconds) < least
	msg := sprintf("Data is kept for %s, and %s asks for at least %v days.", [durations.words(said.seconds), said.legal, least])
}

deny contains {"path": said.path, "msg": msg} if {
	applies
	some said in retention.declared
	said.legal != ""
	not _minima[said.legal]
	msg := sprintf("The legal minimum \"%s\" is none of: %s.", [said.legal, concat(", ", sort(object.keys(_minima)))])
}

deny contains {"path": said.path, "msg": "The declarations of retention in this document contradict one another."} if {
	applies
	count({whole.seconds | some whole in retention.declared}) > 1
	some said in retention.declared
}

deny contains {"file": contract.file, "path": said.path, "msg": msg} if {
	some port in tree.output_ports
	count(retention.declared_in(port.product)) > 0
	most := retention.longest(port.product)
	some contract in tree.contracts_by_id[port.contract]
	some said in retention.declared_in(contract)
	said.seconds > most
	msg := sprintf("Data is kept for %s, and the product of output port %s keeps it for at most %s.", [durations.words(said.seconds), port.label, durations.words(most)])
}

_minima := {law: days | some law, days in values.object_of(vocabulary.setting(document.domain, "retention_min_days")); is_number(days)}

_classes := ({level | some found in fields.highest; level := levels.called(found.field.classification); levels.known(level)} | _said) | _categories

_said := {level | level := document.custom("classification"); levels.known(level)}

_categories := {field.category | some field in fields.personal; field.category in {"personal", "special"}}
