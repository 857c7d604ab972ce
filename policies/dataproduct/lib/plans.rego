# METADATA
# title: Buckets in Terraform plans
# description: Reads `terraform show -json`. A value that is unknown until it is applied is absent from the plan, and so counts as missing.
package dataproduct.lib.plans

import data.dataproduct.lib.document
import data.dataproduct.lib.tree
import data.dataproduct.lib.values

_resources := [resource |
	some item in tree.items
	item.format == "terraform-plan"
	some change in values.list(item.body, "resource_changes")
	after := values.map(values.member(change, "change"), "after")
	resource := {"type": values.text(change, "type"), "values": after}
]

# METADATA
# title: The names of S3 buckets in the plans
buckets := {values.text(resource.values, "bucket") | some resource in _resources; resource.type == "aws_s3_bucket"}

# METADATA
# title: After how many days the plans let objects of a bucket expire
expiry_days(bucket) := {values.member(expiration, "days") |
	some resource in _resources
	resource.type == "aws_s3_bucket_lifecycle_configuration"
	values.text(resource.values, "bucket") == bucket
	some rule in values.list(resource.values, "rule")
	values.text(rule, "status") == "Enabled"
	some expiration in values.list(rule, "expiration")
}

# METADATA
# title: Servers of contracts that lie on buckets of the plans
served_buckets := [{"file": contract.file, "path": server.path, "contract": contract, "bucket": bucket} |
	some contract in tree.contracts
	some server in document.parts_of(contract, "servers")
	groups := regex.find_all_string_submatch_n(`^s3[an]?://([^/]*)`, values.text(server.value, "location"), 1)[0]
	bucket := groups[1]
	bucket in buckets
]
