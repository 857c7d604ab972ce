# METADATA
# title: Policies of a product are complete and can be read
# description: |
#   Every policy the organisation demands is there, has a name, an expression of the language of docs/data-
#   product-rules.md, and a known enforcement.
# custom:
#   id: POL-01
#   severity: error
#   scope: document
#   code: policy.invalid
#   regulation: ["internal"]
#   remedy: Add the missing policy, and correct its expression.
package dataproduct.rules.pol_01

import data.dataproduct.lib.document
import data.dataproduct.lib.expressions
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind == "profile"

deny contains {"path": document.path(["policies"]), "code": "policy.missing", "msg": msg} if {
	applies
	some name in vocabulary.terms(document.domain, "policies_required")
	not name in {values.text(policy.value, "name") | some policy in document.policies}
	msg := sprintf("Missing or invalid data product policy: %s is not there.", [name])
}

deny contains {"path": policy.path, "msg": msg} if {
	applies
	some policy in document.policies
	some problem in expressions.problems(values.member(policy.value, "expression"))
	msg := sprintf("Missing or invalid data product policy %s: %s.", [policy.label, problem])
}

deny contains {"path": policy.path, "code": "enforcement.invalid", "msg": msg} if {
	applies
	some policy in document.policies
	enforcement := values.member(policy.value, "enforcement")
	enforcement != null
	not enforcement in vocabulary.terms(document.domain, "policy_enforcements")
	msg := sprintf("Invalid policy enforcement configuration: the enforcement of %s is not known.", [policy.label])
}
