# METADATA
# title: Data at rest is encrypted, protected data with the customer's key
# description: |
#   A contract with servers declares encryption atRest; from the protected level upwards key is customer. In a Terraform plan, S3
#   buckets, databases, volumes and storage accounts are encrypted; a bucket that a contract with protected data lies on has a
#   customer's key. A value that is unknown until it is applied is a finding.
# custom:
#   id: STO-02
#   severity: error
#   scope: tree
#   regulation: ["GDPR 32(1)(a)", "ISO 27001 A.8.24", "HIPAA 164.312(a)(2)(iv)"]
#   remedy: Add the custom property encryption with atRest true, and key customer for protected data; set the same on the resources of the plan.
package dataproduct.rules.sto_02

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.levels
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.plans
import data.dataproduct.lib.products
import data.dataproduct.lib.storage
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if count(document.servers) > 0

applies if count(plans.resources) > 0

applies if count(storage.served) > 0

deny contains problem if some problem in storage.encryption_problems(plans.resources)

deny contains {"file": server.plan_file, "path": server.bucket.path, "msg": msg} if {
	some server in storage.served
	products.contract_rank(server.contract) >= levels.protected_rank
	not storage.customer_key(server.plan, server.bucket)
	msg := sprintf("The bucket %s holds protected data, and no key of the customer's is set in the plan.", [server.name])
}

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
