# METADATA
# title: No secret in the file, and no open door to the storage
# description: |
#   No text of the document looks like a password, key or token. Every server has the custom property security
#   with tlsOnly, publicAccessBlocked and accessLog true. In a Terraform plan, S3 buckets have a public access block, an access log and
#   a policy that denies what comes without TLS; storage accounts, Google buckets and databases are set alike.
# custom:
#   id: STO-03
#   severity: critical
#   scope: document
#   regulation: ["ISO 27001 A.5.17", "ISO 27001 A.8.15", "HIPAA 164.312(b)", "HIPAA 164.312(e)(1)"]
#   remedy: Take the secret out of the file and change it, for it is known now; add the custom property security to the server.
package dataproduct.rules.sto_03

import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.plans
import data.dataproduct.lib.storage
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

applies if document.current.format == "terraform-plan"

deny contains problem if some problem in storage.exposure_problems(plans.resources)

deny contains {"path": path, "msg": "This looks like a secret."} if {
	applies
	some pattern in _patterns
	walk(input, [path, text])
	is_string(text)
	regex.match(pattern, text)
}

deny contains {"path": path, "msg": "This looks like a secret, by its name."} if {
	applies
	some entry in _by_name
	walk(input, [path, text])
	is_string(text)
	regex.match(values.text(entry, "keys"), _name_of(path))
	regex.match(values.text(entry, "pattern"), text)
}

deny contains {"path": server.path, "msg": msg} if {
	applies
	some server in document.servers
	some key in ["tlsOnly", "publicAccessBlocked", "accessLog"]
	not values.member(values.custom(server.value, "security"), key) == true
	msg := sprintf("The server %s doesn't declare security.%s.", [server.label, key])
}

# One look at the whole text decides whether each text has to be looked at; an expression is only made ready where a part of what it
# finds is there at all.
_patterns := {pattern |
	some entry in values.array_of(vocabulary.setting(document.domain, "secret_patterns"))
	values.text(entry, "keys") == ""
	_possible(values.list(entry, "needs"))
	pattern := _pattern(entry)
	regex.match(pattern, document.whole)
}

# Patterns of the value alone, for what is called by a certain name.
_by_name := [entry |
	some entry in values.array_of(vocabulary.setting(document.domain, "secret_patterns"))
	values.text(entry, "keys") != ""
	needs := values.list(entry, "needs")
	_possible(needs)
	_named_so(needs)
]

# In a long text one expression is faster than many looks.
default _named_so(_) := false

_named_so(_) if not document.long

_named_so([])

_named_so(needs) if regex.match(concat("", ["(?i)(", concat("|", needs), ")"]), document.whole)

# A custom property has its name beside its value.
_name_of(path) := name if {
	path[count(path) - 1] == "value"
	name := values.text(object.get(input, array.slice(path, 0, count(path) - 1), null), "property")
	name != ""
} else := path[count(path) - 1] if {
	is_string(path[count(path) - 1])
} else := ""

_pattern(entry) := entry if {
	is_string(entry)
} else := values.text(entry, "pattern")

default _possible(_) := false

_possible(needs) if count(needs) == 0

_possible(_) if document.long

_possible(needs) if {
	some part in needs
	contains(_lower, lower(part))
}

_lower := lower(document.whole)
