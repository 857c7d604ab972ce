# METADATA
# title: Storage in Terraform plans
package test.dataproduct.storage

import data.dataproduct
import data.test.dataproduct.fixtures

_of(type, after) := {"address": concat(".", [type, "staff"]), "type": type, "change": {"actions": ["create"], "after": after, "after_unknown": {}}}

_bucket := "acme-prod-hr-staff"

_policy := json.marshal({"Statement": [{"Effect": "Deny", "Action": "s3:*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]})

_afters := {
	"aws_s3_bucket": {"bucket": _bucket},
	"aws_s3_bucket_server_side_encryption_configuration": {
		"bucket": _bucket,
		"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "arn:aws:kms:eu-west-1:1:key/2"}]}],
	},
	"aws_s3_bucket_public_access_block": {
		"bucket": _bucket, "block_public_acls": true, "block_public_policy": true,
		"ignore_public_acls": true, "restrict_public_buckets": true,
	},
	"aws_s3_bucket_logging": {"bucket": _bucket, "target_bucket": "acme-prod-hr-logs"},
	"aws_s3_bucket_policy": {"bucket": _bucket, "policy": _policy},
	"aws_s3_bucket_lifecycle_configuration": {"bucket": _bucket, "rule": [{"status": "Enabled", "expiration": [{"days": 1096}]}]},
	"aws_db_instance": {"storage_encrypted": true, "publicly_accessible": false},
	"aws_rds_cluster": {"storage_encrypted": true},
	"azurerm_storage_account": {
		"infrastructure_encryption_enabled": true, "https_traffic_only_enabled": true,
		"allow_nested_items_to_be_public": false, "min_tls_version": "TLS1_2",
	},
	"google_storage_bucket": {
		"name": "acme-prod-hr-other", "uniform_bucket_level_access": true, "public_access_prevention": "enforced",
		"logging": [{"log_bucket": "acme-prod-hr-logs"}],
	},
}

_plan(afters) := {"format_version": "1.2", "resource_changes": [_of(type, after) | some type, after in afters]}

_alone(plan) := {finding.rule | some finding in dataproduct.findings with input as plan with time.now_ns as fixtures.noon}

_together(plan) := {finding.rule |
	tree := [{"path": "contract", "contents": fixtures.contract}, {"path": "product", "contents": fixtures.profile}, {"path": "plan", "contents": plan}]
	some finding in dataproduct.findings with input as tree with time.now_ns as fixtures.noon
}

test_a_plan_in_order_has_no_finding if {
	_alone(_plan(_afters)) == set()
	_together(_plan(_afters)) == set()
}

_wanted := [
	["STO-01", "aws_s3_bucket", "bucket"],
	["STO-02", "aws_s3_bucket_server_side_encryption_configuration", "rule"],
	["STO-02", "aws_s3_bucket_server_side_encryption_configuration", "bucket"],
	["STO-02", "aws_db_instance", "storage_encrypted"],
	["STO-02", "aws_rds_cluster", "storage_encrypted"],
	["STO-02", "azurerm_storage_account", "infrastructure_encryption_enabled"],
	["STO-03", "aws_s3_bucket_public_access_block", "bucket"],
	["STO-03", "aws_s3_bucket_public_access_block", "block_public_acls"],
	["STO-03", "aws_s3_bucket_public_access_block", "restrict_public_buckets"],
	["STO-03", "aws_s3_bucket_logging", "target_bucket"],
	["STO-03", "aws_s3_bucket_policy", "policy"],
	["STO-03", "aws_db_instance", "publicly_accessible"],
	["STO-03", "azurerm_storage_account", "https_traffic_only_enabled"],
	["STO-03", "azurerm_storage_account", "allow_nested_items_to_be_public"],
	["STO-03", "azurerm_storage_account", "min_tls_version"],
	["STO-03", "google_storage_bucket", "uniform_bucket_level_access"],
	["STO-03", "google_storage_bucket", "public_access_prevention"],
	["STO-03", "google_storage_bucket", "logging"],
]

test_each_setting_missing_null_or_of_another_type_is_a_finding if {
	silent := {[rule, type, key, op] |
		some [rule, type, key] in _wanted
		some op in ["remove", "null", "number", "text", "list"]
		spoilt := json.patch(_plan(_afters), [_patch(type, key, op)])
		denied := dataproduct.rules[replace(lower(rule), "-", "_")].deny with input as spoilt with time.now_ns as fixtures.noon
		count(denied) == 0
		[key, op] != ["target_bucket", "text"] # any text may be the name of a bucket for logs
	}
	print(silent)
	silent == set()
}

_patch(type, key, op) := patch if {
	place := [at | some at, change in _plan(_afters).resource_changes; change.type == type][0]
	path := ["resource_changes", place, "change", "after", key]
	patch := object.get(
		{
			"remove": {"op": "remove", "path": path},
			"null": {"op": "replace", "path": path, "value": null},
			"number": {"op": "replace", "path": path, "value": 17},
			"text": {"op": "replace", "path": path, "value": "-"},
			"list": {"op": "replace", "path": path, "value": []},
		},
		op, null,
	)
}

test_a_resource_that_is_gone_is_a_finding if {
	"STO-02" in _alone(_plan(object.remove(_afters, ["aws_s3_bucket_server_side_encryption_configuration"])))
	"STO-03" in _alone(_plan(object.remove(_afters, ["aws_s3_bucket_public_access_block"])))
	"STO-03" in _alone(_plan(object.remove(_afters, ["aws_s3_bucket_policy"])))
	"RET-03" in _together(_plan(object.remove(_afters, ["aws_s3_bucket_lifecycle_configuration"])))
}

test_protected_data_needs_the_customers_key if {
	own := {"bucket": _bucket, "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]}
	plan := _plan(object.union(_afters, {"aws_s3_bucket_server_side_encryption_configuration": own}))
	_alone(plan) == set()
	_together(plan) == {"STO-02"}
}

_kept(rule) := _together(_plan(object.union(_afters, {"aws_s3_bucket_lifecycle_configuration": {"bucket": _bucket, "rule": [rule]}})))

test_storage_keeps_the_declared_time if {
	_kept({"status": "Enabled", "expiration": [{"days": 1096}]}) == set()
	_kept({"status": "Enabled", "filter": [{"prefix": "employees"}], "expiration": [{"days": 1096}]}) == set()
	_kept({"status": "Enabled", "filter": [{"prefix": "other/"}], "expiration": [{"days": 1096}]}) == {"RET-03"}
	_kept({"status": "Enabled", "filter": [{"tag": [{"key": "a"}]}], "expiration": [{"days": 1096}]}) == {"RET-03"}
	_kept({"status": "Disabled", "expiration": [{"days": 1096}]}) == {"RET-03"}
	every days in [30, null, "1096", true] {
		_kept({"status": "Enabled", "expiration": [{"days": days}]}) == {"RET-03"}
	}
	_kept({}) == {"RET-03"}
}

_unkept(document) := denied if {
	held := [{"path": "contract", "contents": document}, {"path": "plan", "contents": _plan(_afters)}]
	denied := dataproduct.rules.ret_03.deny with input as held with time.now_ns as fixtures.noon
}

test_a_time_that_cannot_be_read_is_kept_by_no_storage if {
	every time in [null, "", "long", -1, [], {}, true] {
		document := json.patch(fixtures.contract, [{"op": "replace", "path": "/slaProperties/0/value", "value": time}])
		count(_unkept(document)) == 1
	}
}

test_planned_values_count_where_there_are_no_changes if {
	planned := {"format_version": "1.2", "planned_values": {"root_module": {"child_modules": [{"resources": [{
		"address": "module.db.aws_db_instance.a", "type": "aws_db_instance", "mode": "managed",
		"values": {"storage_encrypted": false, "publicly_accessible": true},
	}]}]}}}
	_alone(planned) == {"STO-02", "STO-03"}
	some finding in dataproduct.findings with input as planned with time.now_ns as fixtures.noon
	finding.path == ["planned_values", "root_module", "child_modules", 0, "resources", 0]
}

_unknown := {
	"format_version": "1.2",
	"resource_changes": array.concat(
		[
			{"address": "module.s.aws_s3_bucket.b[0]", "type": "aws_s3_bucket", "change": {"actions": ["create"], "after": {"bucket": _bucket}}},
			{"address": "module.s.aws_kms_key.k", "type": "aws_kms_key", "change": {"actions": ["create"], "after": {}}},
		],
		[
		object.union(_of(type, object.remove(after, ["bucket"])), {"address": sprintf("module.s.%s.x[0]", [type])}) |
			some type, after in _afters
			startswith(type, "aws_s3_bucket_")
		],
	),
	"configuration": {"root_module": {"module_calls": {"s": {"module": {"resources": [
	{"address": sprintf("%s.x", [type]), "expressions": {"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}}} |
		some type, _ in _afters
		startswith(type, "aws_s3_bucket_")
	]}}}}},
}

test_what_the_configuration_refers_to_belongs_together if {
	_alone(_unknown) == set()
	_together(_unknown) == set()
	lost := json.remove(_unknown, ["/configuration"])
	_alone(lost) == {"STO-02", "STO-03"}
}

test_a_name_that_is_unknown_is_a_finding if {
	nameless := json.patch(_unknown, [
		{"op": "remove", "path": "/resource_changes/0/change/after/bucket"},
		{"op": "add", "path": "/resource_changes/0/change/after_unknown", "value": {"bucket": true}},
	])
	"RET-03" in _together(nameless)
	"STO-01" in _alone(nameless)
}

test_malformed_plans_are_not_passed if {
	every changes in [[null], [17], ["x"], [{}], [{"type": "aws_s3_bucket"}], [{"type": "aws_s3_bucket", "change": null}]] {
		found := dataproduct.report with input as {"format_version": "1.2", "resource_changes": changes} with time.now_ns as fixtures.noon
		is_object(found)
	}
	"STO-02" in _alone({"format_version": "1.2", "resource_changes": [{"type": "aws_s3_bucket", "change": null}]})
}
