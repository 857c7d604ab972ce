# METADATA
# title: Data at rest is encrypted, protected data with the customer's key
# description: |
#   A contract with servers declares encryption atRest; from the protected level upwards key is customer.
# custom:
#   id: STO-02
#   severity: error
#   scope: document
#   regulation: ["GDPR 32(1)(a)", "ISO 27001 A.8.24", "HIPAA 164.312(a)(2)(iv)"]
#   remedy: Add the custom property encryption with atRest true, and key customer for protected data.
package dataproduct.rules.sto_02

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.levels
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if count(document.servers) > 0

deny contains {"path": server.path, "msg": msg} if {
	some server in document.servers
	not values.member(_encryption(server), "atRest") == true
	msg := sprintf("The server %s declares no encryption at rest.", [server.label])
}

deny contains {"path": server.path, "msg": msg} if {
	some server in document.servers
	_rank >= levels.protected_rank
	not values.text(_encryption(server), "key") == "customer"
	msg := sprintf("The server %s holds protected data, and its key is not the customer's.", [server.label])
}

_encryption(server) := said if {
	said := values.custom(server.value, "encryption")
	said != null
} else := document.custom("encryption")

_rank := max({found.rank | some found in fields.highest}) if {
	count(fields.highest) > 0
} else := count(levels.order)
