# METADATA
# title: It is said how long data is kept
# description: |
#   A contract, and a product of our profile, declares a retention that can be read as a time greater than zero.
#   Forever needs a ground for archiving.
# custom:
#   id: RET-01
#   severity: error
#   scope: document
#   code: policy.missing
#   regulation: ["GDPR 5(1)(e)", "GDPR 30(1)(f)"]
#   remedy: Add the service level retention with value and unit, the custom property retentionPolicy, or the policy data_retention with an expression as in "retention_days <= 365".
package dataproduct.rules.ret_01

import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.retention
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind in {"contract", "profile"}

applies if {
	document.kind == "product"
	count(retention.declared) > 0
}

deny contains {"path": document.base, "msg": "Missing or invalid data product policy: no retention is declared."} if {
	document.kind in {"contract", "profile"}
	count(retention.declared) == 0
}

deny contains {"path": said.path, "code": "policy.invalid", "msg": "Missing or invalid data product policy: the retention is no time with a unit."} if {
	applies
	some said in retention.declared
	said.seconds == null
	not said.forever
}

deny contains {"path": said.path, "code": "policy.invalid", "msg": "Missing or invalid data product policy: the retention is not greater than zero."} if {
	applies
	some said in retention.declared
	said.seconds != null
	said.seconds <= 0
}

deny contains {"path": said.path, "code": "policy.invalid", "msg": "Data is kept forever, and no ground for archiving is named."} if {
	applies
	some said in retention.declared
	said.forever
	not said.ground in vocabulary.terms(document.domain, "archive_grounds")
}
