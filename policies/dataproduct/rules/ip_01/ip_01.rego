# METADATA
# title: Owner, licence and terms of use are named
# description: |
#   A product, or each of its output ports, says who owns the intellectual property, under which licence and
#   terms it is given, and that licences of third parties have not expired and permit
#   the use (permits: internal or external, and training). In our profile the policy
#   ip_protection says so too.
# custom:
#   id: IP-01
#   severity: error
#   scope: document
#   effective_from: "2025-09-12"
#   severity_before: warning
#   code: policy.missing
#   regulation: ["ISO 27001 A.5.32", "EU Data Act 2023/2854 Art. 4(6)"]
#   remedy: Add the custom property ipProtection with owner, licence (a term of the vocabulary) and usageTerms, or the policy ip_protection.
package dataproduct.rules.ip_01

import data.dataproduct.lib.dates
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
	not _policy
	some port in document.output_ports
	lacks := _lacks(_terms(port))
	count(lacks) > 0
	msg := sprintf("Missing or invalid data product policy: IP protection of output port %s lacks %s.", [port.label, concat(", ", lacks)])
}

deny contains {"path": port.path, "code": "policy.invalid", "msg": msg} if {
	applies
	some port in document.output_ports
	some licence in values.list(_terms(port), "thirdParty")
	expires := values.member(licence, "expires")
	not dates.day(expires) >= dates.today
	msg := sprintf("A third party's licence for output port %s has expired, or has no date of expiry.", [port.label])
}

deny contains {"path": port.path, "code": "policy.invalid", "msg": msg} if {
	applies
	some port in document.output_ports
	some licence in values.list(_terms(port), "thirdParty")
	some use in _uses(port)
	not use in values.texts(values.member(licence, "permits"))
	msg := sprintf("A third party's licence for output port %s doesn't permit the use \"%s\".", [port.label, use])
}

deny contains {"path": port.path, "code": "policy.invalid", "msg": msg} if {
	applies
	some port in document.output_ports
	licences := values.member(_terms(port), "thirdParty")
	licences != null
	not is_array(licences)
	msg := sprintf("thirdParty of output port %s is not a list of licences.", [port.label])
}

# What a port does with what it was given: for whom it is, and whether models learn from it.
_uses(port) := {_audience(port)} | {"training" | "training" in values.texts(values.member(document.custom("aiUse"), "allowed"))}

_audience(port) := "external" if {
	lower(values.text(port.value, "type")) in vocabulary.terms(document.domain, "external_port_types")
} else := "external" if {
	values.text(port.value, "type") == ""
} else := "internal"

_terms(port) := terms if {
	some holder in [values.custom(port.value, "ipProtection"), values.custom(port.value, "ip")]
	holder != null
	terms := values.object_of(holder)
} else := values.object_of(document.custom("ipProtection"))

_lacks(terms) := [lack | some lack in [_text_lack(terms, "owner"), _licence_lack(terms), _text_lack(terms, "usageTerms")]; lack != ""]

_text_lack(terms, key) := key if {
	values.text(terms, key) == ""
} else := ""

_licence_lack(terms) := "a licence of the vocabulary" if {
	not values.text(terms, "licence") in vocabulary.terms(document.domain, "licences")
} else := ""

default _policy := false

_policy if {
	some policy in document.policies
	values.text(policy.value, "name") == "ip_protection"
	count(expressions.problems(values.member(policy.value, "expression"))) == 0
}
