# METADATA
# title: The storage's life cycle keeps the declared time
# description: |
#   For a contract on a bucket of a Terraform plan of the tree, a rule of its life cycle (aws_s3_bucket_lifecycle_configuration or
#   lifecycle_rule, google_storage_bucket's lifecycle_rule) expires objects after exactly the declared days, of all that the contract
#   covers. What is unknown until it is applied is a finding, as is a bucket whose name is unknown.
# custom:
#   id: RET-03
#   severity: error
#   scope: tree
#   regulation: ["ISO 27001 A.8.10", "ISO 27001 A.5.33"]
#   remedy: Set the days of the bucket's life cycle rule to the contract's retention.
package dataproduct.rules.ret_03

import data.dataproduct.lib.durations
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.plans
import data.dataproduct.lib.retention
import data.dataproduct.lib.storage
import data.dataproduct.lib.tree

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if {
	tree.several
	count(plans.in_tree) > 0
}

deny contains {"file": server.file, "path": server.path, "msg": msg} if {
	some server in storage.served
	some said in retention.declared_in(server.contract)
	not said.forever
	not _kept(said.seconds, storage.expiry_days(server.plan, server.bucket, server.key))
	msg := sprintf("No lifecycle rule of bucket %s in the plan expires objects after the declared %s.", [server.name, durations.words(said.seconds)])
}

deny contains {"file": plan.file, "path": problem.path, "msg": problem.msg} if {
	some plan in plans.in_tree
	some problem in storage.nameless(plan.resources)
}

default _kept(_, _) := false

_kept(seconds, days) if round(durations.days(seconds)) in days
