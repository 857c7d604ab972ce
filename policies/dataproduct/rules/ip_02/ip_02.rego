# METADATA
# title: Trade secrets stay where they are kept secret
# description: |
#   A port or product whose ipProtection has tradeSecret true is on no external port, and its access policy has
#   a condition of non-disclosure or purpose (conditions). In our profile the expression of ip_protection may
#   hold the condition.
# custom:
#   id: IP-02
#   severity: error
#   scope: document
#   regulation: ["Directive (EU) 2016/943 Art. 2(1)(c)"]
#   remedy: Close the external port, or add conditions (nda or purpose) to the port's accessPolicy.
package dataproduct.rules.ip_02

import data.dataproduct.lib.access
import data.dataproduct.lib.document
import data.dataproduct.lib.expressions
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.has_ports

deny contains {"path": port.path, "msg": msg} if {
	applies
	some port in document.output_ports
	_secret(port)
	lower(values.text(port.value, "type")) in vocabulary.terms(document.domain, "external_port_types")
	msg := sprintf("The output port %s is external, and gives trade secrets.", [port.label])
}

deny contains {"path": port.path, "msg": msg} if {
	applies
	some port in document.output_ports
	_secret(port)
	values.text(port.value, "type") == ""
	msg := sprintf("The output port %s gives trade secrets, and has no type that says it is not external.", [port.label])
}

deny contains {"path": port.path, "msg": msg} if {
	applies
	some port in document.output_ports
	_secret(port)
	count(values.texts(values.member(access.declared(port), "conditions")) & {"nda", "purpose"}) == 0
	not _expressed
	msg := sprintf("The output port %s gives trade secrets without a condition of non-disclosure or purpose.", [port.label])
}

deny contains {"path": document.custom_path("ipProtection"), "msg": "tradeSecret is neither true nor false, so it counts as true."} if {
	applies
	said := values.member(document.custom("ipProtection"), "tradeSecret")
	said != null
	not is_boolean(said)
}

default _secret(_) := false

_secret(port) if {
	some holder in [values.custom(port.value, "ipProtection"), document.custom("ipProtection")]
	not values.member(holder, "tradeSecret") in {null, false}
}

default _expressed := false

_expressed if {
	some policy in document.policies
	some name in ["consumer.nda", "purpose"]
	expressions.mentions(values.member(policy.value, "expression"), name)
}
