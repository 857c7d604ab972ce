# METADATA
# title: No secret in the file, and no open door to the storage
# description: |
#   No text of the document looks like a password, key or token. Every server has the custom property security
#   with tlsOnly, publicAccessBlocked and accessLog true.
# custom:
#   id: STO-03
#   severity: critical
#   scope: document
#   regulation: ["ISO 27001 A.5.17", "ISO 27001 A.8.15", "HIPAA 164.312(b)", "HIPAA 164.312(e)(1)"]
#   remedy: Take the secret out of the file and change it, for it is known now; add the custom property security to the server.
package dataproduct.rules.sto_03

import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

deny contains {"path": path, "msg": "This looks like a secret."} if {
	applies
	some pattern in vocabulary.terms(document.domain, "secret_patterns")
	regex.match(pattern, _whole)
	walk(input, [path, text])
	is_string(text)
	regex.match(pattern, text)
}

deny contains {"path": server.path, "msg": msg} if {
	applies
	some server in document.servers
	some key in ["tlsOnly", "publicAccessBlocked", "accessLog"]
	not values.member(values.custom(server.value, "security"), key) == true
	msg := sprintf("The server %s doesn't declare security.%s.", [server.label, key])
}

# One look at the whole text decides whether each text has to be looked at.
_whole := json.marshal(input)
