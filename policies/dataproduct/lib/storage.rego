# METADATA
# title: Storage in Terraform plans
# description: Each function takes the resources of one plan and gives what is wrong, as a list of `path` and `msg`.
package dataproduct.lib.storage

import data.dataproduct.lib.document
import data.dataproduct.lib.plans
import data.dataproduct.lib.tree
import data.dataproduct.lib.values

# METADATA
# title: Resources that hold data and don't encrypt it
encryption_problems(all) := [{"path": resource.path, "msg": msg} |
	some resource in all
	msg := _unencrypted(all, resource)
]

_switches := {
	"aws_db_instance": "storage_encrypted",
	"aws_rds_cluster": "storage_encrypted",
	"aws_ebs_volume": "encrypted",
	"aws_efs_file_system": "encrypted",
	"azurerm_storage_account": "infrastructure_encryption_enabled",
}

_unencrypted(_, resource) := plans.said(resource, key, concat(" ", [key, "to true"])) if {
	key := _switches[resource.type]
	values.member(resource.values, key) != true
}

_unencrypted(all, resource) := msg if {
	resource.type == "aws_s3_bucket"
	count(algorithms(all, resource) & {"AES256", "aws:kms", "aws:kms:dsse"}) == 0
	msg := concat(" ", [resource.address, "has no server-side encryption configuration with a known algorithm in the plan."])
}

# METADATA
# title: The algorithms that an S3 bucket is encrypted with
algorithms(all, bucket) := {values.text(default_of, "sse_algorithm") | some default_of in _encryption(all, bucket)}

# METADATA
# title: Is a bucket encrypted with the customer's key?
# description: A key that the plan itself makes has no name yet; that the configuration refers to it is enough.
default customer_key(_, _) := false

customer_key(all, bucket) if {
	some default_of in _encryption(all, bucket)
	values.text(default_of, "sse_algorithm") in {"aws:kms", "aws:kms:dsse"}
	values.text(default_of, "kms_master_key_id") != ""
}

customer_key(all, bucket) if {
	some held in plans.belonging(all, "aws_s3_bucket_server_side_encryption_configuration", "bucket", bucket)
	some default_of in _defaults(plans.blocks(held.values, "rule"))
	values.text(default_of, "sse_algorithm") in {"aws:kms", "aws:kms:dsse"}
	some key in plans.of_type(all, "aws_kms_key")
	walk(held.references, [_, reference])
	startswith(reference, key.place)
}

customer_key(_, bucket) if {
	some block in plans.blocks(bucket.values, "encryption")
	values.text(block, "default_kms_key_name") != ""
}

_encryption(all, bucket) := array.concat(inline, apart) if {
	inline := [found |
		some held in plans.blocks(bucket.values, "server_side_encryption_configuration")
		some found in _defaults(plans.blocks(held, "rule"))
	]
	apart := [found |
		some held in plans.belonging(all, "aws_s3_bucket_server_side_encryption_configuration", "bucket", bucket)
		some found in _defaults(plans.blocks(held.values, "rule"))
	]
}

_defaults(rules) := [found | some rule in rules; some found in plans.blocks(rule, "apply_server_side_encryption_by_default")]

# METADATA
# title: Resources that others can reach, that take unencrypted connections, or that keep no log of access
exposure_problems(all) := array.concat(_switched(all), _exposed(all))

_must := {
	"azurerm_storage_account": {"https_traffic_only_enabled": true, "allow_nested_items_to_be_public": false},
	"google_storage_bucket": {"uniform_bucket_level_access": true, "public_access_prevention": "enforced"},
	"aws_db_instance": {"publicly_accessible": false},
}

_switched(all) := [{"path": resource.path, "msg": msg} |
	some resource in all
	some key, wanted in _must[resource.type]
	values.member(resource.values, key) != wanted
	msg := plans.said(resource, key, sprintf("%s to %v", [key, wanted]))
]

_exposed(all) := [{"path": resource.path, "msg": concat(" ", [resource.address, problem])} |
	some resource in all
	some problem in _open(all, resource)
]

_open(all, bucket) := {problem |
	some problem, holds in {
		"has no public access block in the plan with all four settings true.": _blocked(all, bucket),
		"has no access log in the plan.": _logged(all, bucket),
		"has no bucket policy in the plan that denies what comes without TLS.": _tls_only(all, bucket),
		"is readable by everybody through its acl.": values.text(bucket.values, "acl") in {"", "private", "log-delivery-write"},
	}
	not holds
} if {
	bucket.type == "aws_s3_bucket"
}

_open(_, account) := {"does not set min_tls_version to TLS1_2 or TLS1_3."} if {
	account.type == "azurerm_storage_account"
	not values.text(account.values, "min_tls_version") in {"TLS1_2", "TLS1_3"}
}

_open(_, bucket) := {"has no access log in the plan."} if {
	bucket.type == "google_storage_bucket"
	count([block | some block in plans.blocks(bucket.values, "logging"); values.text(block, "log_bucket") != ""]) == 0
}

default _blocked(_, _) := false

_blocked(all, bucket) if {
	some held in plans.belonging(all, "aws_s3_bucket_public_access_block", "bucket", bucket)
	every key in ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"] {
		values.member(held.values, key) == true
	}
}

default _logged(_, _) := false

_logged(all, bucket) if {
	some held in plans.belonging(all, "aws_s3_bucket_logging", "bucket", bucket)
	_log_target(held)
}

_logged(_, bucket) if {
	some block in plans.blocks(bucket.values, "logging")
	values.text(block, "target_bucket") != ""
}

# The bucket that the logs of others go to needs none of its own.
_logged(all, bucket) if {
	some held in plans.of_type(all, "aws_s3_bucket_logging")
	values.text(held.values, "target_bucket") != ""
	values.text(held.values, "target_bucket") == values.text(bucket.values, "bucket")
}

_logged(all, bucket) if {
	some held in plans.of_type(all, "aws_s3_bucket_logging")
	bucket.place in values.texts(values.member(held.references, "target_bucket"))
}

default _log_target(_) := false

_log_target(held) if values.text(held.values, "target_bucket") != ""

_log_target(held) if count(values.list(held.references, "target_bucket")) > 0

default _tls_only(_, _) := false

_tls_only(all, bucket) if {
	some held in plans.belonging(all, "aws_s3_bucket_policy", "bucket", bucket)
	text := values.text(held.values, "policy")
	json.is_valid(text)
	some statement in plans.blocks(json.unmarshal(text), "Statement")
	values.member(statement, "Effect") == "Deny"
	demanded := values.map(values.map(statement, "Condition"), "Bool")
	values.member(demanded, "aws:SecureTransport") in {"false", false}
}

# METADATA
# title: Buckets of a plan whose names are not known
nameless(all) := [{"path": bucket.path, "msg": plans.said(bucket, _name_keys[bucket.type], "its name")} |
	some bucket in all
	key := _name_keys[bucket.type]
	values.text(bucket.values, key) == ""
]

_name_keys := {"aws_s3_bucket": "bucket", "google_storage_bucket": "name"}

# METADATA
# title: The name of a bucket of a plan
name_of(bucket) := values.text(bucket.values, _name_keys[bucket.type])

# METADATA
# title: Servers of contracts that lie on buckets of the plans of the tree
served := [{
	"file": contract.file, "path": server.path, "contract": contract, "name": name, "key": key,
	"bucket": bucket, "plan": plan.resources, "plan_file": plan.file,
} |
	some plan in plans.in_tree
	some bucket in plan.resources
	bucket.type in object.keys(_name_keys)
	some contract in tree.contracts
	some server in document.parts_of(contract, "servers")
	groups := regex.find_all_string_submatch_n(`^(?:s3[an]?|gs)://([^/]+)/?(.*)$`, values.text(server.value, "location"), 1)[0]
	name := groups[1]
	name == name_of(bucket)
	key := groups[2]
]

# METADATA
# title: After how many days the objects of a bucket below a key expire
expiry_days(all, bucket, key) := aws | google if {
	aws := {values.member(expiration, "days") |
		some rule in _life_cycle(all, bucket)
		_enabled(rule)
		_covers(rule, key)
		some expiration in plans.blocks(rule, "expiration")
	}
	google := {values.member(condition, "age") |
		bucket.type == "google_storage_bucket"
		some rule in plans.blocks(bucket.values, "lifecycle_rule")
		some action in plans.blocks(rule, "action")
		values.member(action, "type") == "Delete"
		some condition in plans.blocks(rule, "condition")
		count(values.list(condition, "matches_prefix")) == 0
	}
}

_life_cycle(all, bucket) := array.concat(plans.blocks(bucket.values, "lifecycle_rule"), [rule |
	some held in plans.belonging(all, "aws_s3_bucket_lifecycle_configuration", "bucket", bucket)
	some rule in plans.blocks(held.values, "rule")
]) if {
	bucket.type == "aws_s3_bucket"
} else := []

default _enabled(_) := false

_enabled(rule) if values.member(rule, "status") == "Enabled"

_enabled(rule) if values.member(rule, "enabled") == true

# A rule for a part of the bucket covers the contract's data where all of it lies in that part.
default _covers(_, _) := false

_covers(rule, key) if {
	prefixes := {values.text(holder, "prefix") | some holder in array.concat(plans.blocks(rule, "filter"), [rule])}
	every prefix in prefixes {
		startswith(key, prefix)
	}
	every holder in plans.blocks(rule, "filter") {
		count(plans.blocks(holder, "tag")) == 0
		count(plans.blocks(holder, "and")) == 0
	}
}
