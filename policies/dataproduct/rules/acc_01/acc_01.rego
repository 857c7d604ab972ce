# METADATA
# title: Each output port has an access policy
# description: |
#   The port refers to a policy that the organisation's bundle of access rules holds.
# custom:
#   id: ACC-01
#   severity: error
#   scope: document
#   code: policy.missing
#   regulation: ["GDPR 25(2)", "GDPR 32(1)(b)", "ISO 27001 A.5.15", "HIPAA 164.308(a)(4)"]
#   remedy: Add accessPolicy with the package of a rule in the access bundle to the port.
package dataproduct.rules.acc_01

import data.dataproduct.lib.access
import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.has_ports

deny contains {"path": access.path(port), "msg": msg} if {
	applies
	some port in document.output_ports
	access.package_of(port) == ""
	msg := sprintf("The output port %s has no access policy.", [port.label])
}

deny contains {"path": access.path(port), "msg": msg} if {
	applies
	some port in document.output_ports
	name := access.package_of(port)
	name != ""
	count(access.evidence(name)) == 0
	msg := sprintf("The access policy %s of output port %s is not in the bundle.", [name, port.label])
}
