# METADATA
# title: Buckets are named as they may be
# description: |
#   The bucket of every S3 server, and of every aws_s3_bucket of a Terraform plan, follows AWS's rules for names and the organisation's pattern.
# custom:
#   id: STO-01
#   severity: error
#   scope: document
#   regulation: ["AWS bucket naming rules", "internal"]
#   remedy: Rename the bucket as the vocabulary's bucket_pattern says.
package dataproduct.rules.sto_01

import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.names
import data.dataproduct.lib.plans
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if count(_servers) > 0

applies if count(_planned) > 0

deny contains {"path": server.path, "msg": msg} if {
	some server in _servers
	some problem in names.bucket_problems(document.domain, _bucket(server.value))
	msg := sprintf("The bucket of server %s %s.", [server.label, problem])
}

deny contains {"path": bucket.path, "msg": msg} if {
	some bucket in _planned
	some problem in names.bucket_problems("", values.text(bucket.values, "bucket"))
	msg := sprintf("The bucket of %s %s.", [bucket.address, problem])
}

_planned := plans.of_type(plans.resources, "aws_s3_bucket")

_servers := [server | some server in document.servers; lower(values.text(server.value, "type")) == "s3"]

_bucket(server) := groups[1] if {
	groups := regex.find_all_string_submatch_n(`^s3[an]?://([^/]*)`, values.text(server, "location"), 1)[0]
} else := ""
