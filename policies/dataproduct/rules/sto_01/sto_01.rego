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

deny contains {"path": ["resource_changes"], "msg": "resource_changes of the plan is no list, so nothing of it can be judged."} if {
	document.current.format == "terraform-plan"
	changes := values.member(input, "resource_changes")
	changes != null
	not is_array(changes)
}

deny contains {"path": ["resource_changes", index], "msg": "An entry of the plan's resource_changes has no type, so it can't be judged."} if {
	document.current.format == "terraform-plan"
	some index, entry in values.list(input, "resource_changes")
	values.text(entry, "type") == ""
}

_planned := plans.of_type(plans.resources, "aws_s3_bucket")

_servers := [server | some server in document.servers; _on_s3(server.value)]

default _on_s3(_) := false

_on_s3(server) if lower(values.text(server, "type")) == "s3"

_on_s3(server) if regex.match(`^s3[an]?://`, values.text(server, "location"))

_bucket(server) := groups[1] if {
	groups := regex.find_all_string_submatch_n(`^s3[an]?://([^/]*)`, values.text(server, "location"), 1)[0]
} else := ""
