# METADATA
# title: That policy denies by default and is tested
# description: |
#   What the build of the bundle knows of the policy says that it parses, denies by default, and has positive
#   and negative tests that all pass.
# custom:
#   id: ACC-02
#   severity: error
#   scope: document
#   code: policy.invalid
#   regulation: ["ISO 27001 A.8.3"]
#   remedy: Mend the access rule, or add the tests it lacks.
package dataproduct.rules.acc_02

import data.dataproduct.lib.access
import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.has_ports

deny contains {"path": access.path(port), "msg": msg} if {
	applies
	some port in document.output_ports
	evidence := access.evidence(access.package_of(port))
	count(evidence) > 0
	some problem in _problems(evidence)
	msg := sprintf("The access policy of output port %s %s.", [port.label, problem])
}

deny contains {"path": access.path(port), "msg": msg} if {
	applies
	some port in document.output_ports
	said := values.member(access.declared(port), "default")
	not said in {null, "deny"}
	msg := sprintf("The access policy of output port %s is not default deny.", [port.label])
}

_problems(evidence) := {problem |
	some problem, holds in {
		"does not parse": _is(evidence, "parses", true),
		"does not deny by default": _is(evidence, "default", "deny"),
		"has tests that fail, or nobody knows": _is(evidence, "failed_tests", 0),
		"has no positive test": values.number_or(values.member(evidence, "positive_tests"), 0) > 0,
		"has no negative test": values.number_or(values.member(evidence, "negative_tests"), 0) > 0,
	}
	not holds
}

_is(evidence, key, wanted) := values.member(evidence, key) == wanted
