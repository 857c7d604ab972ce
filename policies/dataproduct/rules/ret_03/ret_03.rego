# METADATA
# title: The storage's life cycle keeps the declared time
# description: |
#   For a contract on a bucket of the Terraform plan, a rule of aws_s3_bucket_lifecycle_configuration expires
#   objects after exactly the declared days. What is unknown until it is applied is a finding.
# custom:
#   id: RET-03
#   severity: error
#   scope: tree
#   regulation: ["ISO 27001 A.8.10", "ISO 27001 A.5.33"]
#   remedy: Set expiration.days of the bucket's lifecycle rule to the contract's retention.
package dataproduct.rules.ret_03

import data.dataproduct.lib.durations
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.plans
import data.dataproduct.lib.retention
import data.dataproduct.lib.tree

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if {
	tree.several
	count(plans.buckets) > 0
}

deny contains {"file": server.file, "path": server.path, "msg": msg} if {
	some server in plans.served_buckets
	some said in retention.declared_in(server.contract)
	not said.forever
	not round(durations.days(said.seconds)) in plans.expiry_days(server.bucket)
	msg := sprintf("No lifecycle rule of bucket %s in the plan expires objects after the declared %s.", [server.bucket, durations.words(said.seconds)])
}
