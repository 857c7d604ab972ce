# METADATA
# title: Single rules and readers
package test.dataproduct.cases

import data.dataproduct
import data.dataproduct.lib.durations
import data.test.dataproduct.fixtures

_messages(rule, document) := {found.msg |
	some found in dataproduct.rules[rule].deny with input as document with time.now_ns as fixtures.noon
}

_port(patches) := json.patch(fixtures.profile, [object.union(patch, {"path": sprintf("/dataProduct/outputPorts/0%s", [patch.path])}) | some patch in patches])

_bounds := {
	"allowedTools": ["query"], "allowedModels": ["m1"], "useCases": ["reports"], "maxRows": 100,
	"redactPersonal": true, "humanApproval": true, "logging": true,
}

_agent(policy) := _port([
	{"op": "replace", "path": "/type", "value": "mcp"},
	{"op": "add", "path": "/customProperties", "value": [{"property": "agentPolicy", "value": policy}]},
])

test_durations if {
	durations.seconds_of("P1Y") == 31557600
	durations.seconds_of("PT12H") == 43200
	durations.seconds_of("3 days") == 259200
	durations.seconds_of({"value": "2", "unit": "wk"}) == 1209600
	durations.seconds(0.5, "h") == 1800
	durations.seconds("P1D", null) == 86400
	every unreadable in ["", "P", "3", "3 m", "-1 d", "1e9 d", null, 17, true, [], {}] {
		durations.seconds_of(unreadable) == null
	}
	durations.days(null) == null
	durations.words(60) == "60 seconds"
}

test_agents_have_bounds if {
	_messages("ai_02", _agent(_bounds)) == set()
	every key, _ in _bounds {
		every value in [null, 0, "", []] {
			count(_messages("ai_02", _agent(object.union(_bounds, {key: value})))) == 1
		}
	}
	count(_messages("ai_02", _agent(object.union(_bounds, {"allowedTools": ["*"]})))) == 1
	count(_messages("ai_02", _agent(object.union(_bounds, {"maxRows": 99999999})))) == 1
	count(_messages("ai_02", _agent(null))) == 7
}

test_trade_secrets if {
	secret := {"op": "add", "path": "/customProperties", "value": [{"property": "ipProtection", "value": {"tradeSecret": "yes"}}]}
	_messages("ip_02", _port([secret])) == set()
	count(_messages("ip_02", _port([secret, {"op": "replace", "path": "/type", "value": "external"}]))) == 1
	count(_messages("ip_02", json.remove(_port([secret]), ["/dataProduct/policies"]))) == 1
	whole := {"op": "replace", "path": "/dataProduct/customProperties/0", "value": {"property": "ipProtection", "value": {"tradeSecret": 1}}}
	count(_messages("ip_02", json.patch(fixtures.profile, [whole]))) == 1
}

test_output_below_input if {
	inner := object.union(fixtures.contract, {"id": "urn:x:in"})
	outer := json.patch(fixtures.contract, [
		{"op": "replace", "path": "/schema/0/properties/1/classification", "value": "internal"},
		{"op": "replace", "path": "/schema/0/properties/2/classification", "value": "internal"},
	])
	fed := json.patch(fixtures.profile, [{"op": "add", "path": "/dataProduct/inputPorts/0/contractId", "value": "urn:x:in"}])
	named := {"op": "add", "path": "/dataProduct/outputPorts/0/customProperties", "value": [{"property": "deidentification", "value": {"method": "aggregation"}}]}
	held := [{"path": "i", "contents": inner}, {"path": "o", "contents": outer}]
	count(_messages("cls_05", array.concat(held, [{"path": "p", "contents": fed}]))) == 1
	_messages("cls_05", array.concat(held, [{"path": "p", "contents": json.patch(fed, [named])}])) == set()
}

test_life_ends_as_announced if {
	ended := json.patch(fixtures.contract, [{"op": "replace", "path": "/status", "value": "retired"}])
	count(_messages("life_01", ended)) == 2
	late := json.patch(fixtures.contract, [{"op": "replace", "path": "/customProperties/9/value", "value": "2026-02-28"}])
	_messages("life_01", late) == {"The review was due on 2026-02-28."}
	no_day := json.patch(fixtures.contract, [{"op": "replace", "path": "/customProperties/9/value", "value": "2027-02-29"}])
	count(_messages("life_01", no_day)) == 1
}

test_retention_is_within_its_limits if {
	long := json.patch(fixtures.contract, [{"op": "replace", "path": "/slaProperties/0/value", "value": 30}])
	count(_messages("ret_02", long)) > 0
	forever := json.patch(fixtures.contract, [{"op": "replace", "path": "/slaProperties/0/value", "value": "forever"}])
	count(_messages("ret_01", forever)) == 1
	policy := {"op": "add", "path": "/customProperties/-", "value": {"property": "retentionPolicy", "value": {"period": "P1Y", "legalMinimum": "trial-master-file"}}}
	count(_messages("ret_02", json.patch(fixtures.contract, [policy]))) >= 2
}

test_secrets_and_placeholders if {
	secret := json.patch(fixtures.contract, [{"op": "replace", "path": "/servers/0/server", "value": "password=hunter22"}])
	_messages("sto_03", secret) == {"This looks like a secret."}
	placeholder := json.patch(fixtures.contract, [{"op": "replace", "path": "/servers/0/server", "value": "${HOST}"}])
	_messages("int_01", placeholder) == {"A placeholder is left to fill in."}
}

test_a_missing_vocabulary_is_said if {
	every lost in [null, [], "x"] {
		count(dataproduct.rules.voc_01.deny) == 1 with input as fixtures.contract with data.dataproduct.vocabulary as lost
	}
	lacking := object.remove(data.dataproduct.vocabulary, ["people"])
	count(dataproduct.rules.voc_01.deny) == 1 with input as fixtures.contract with data.dataproduct.vocabulary as lacking
}

test_a_domain_adds_rules_under_its_own_name if {
	rule := {
		"meta": {"id": "OWN-01", "severity": "error", "remedy": "r", "regulation": []},
		"applies": true, "deny": [{"path": [], "msg": "m"}],
	}
	outcomes := dataproduct.outcomes with input as fixtures.contract with time.now_ns as fixtures.noon
		with data.dataproduct.domains as {"hr": {"rules": {"mine": rule}}}
	outcomes["hr/OWN-01"] == "failed"
	outcomes["OWN-01"] == "passed"
}

test_roles_and_columns_exist if {
	with_columns := json.patch(fixtures.contract, [{"op": "add", "path": "/roles/0/customProperties", "value": [{"property": "columns", "value": ["email", "uid"]}]}])
	_messages("acc_03", with_columns) == set()
	count(_messages("acc_03", json.patch(with_columns, [{"op": "add", "path": "/roles/0/customProperties/0/value/0", "value": "shoe_size"}]))) == 1
	mask := {"op": "replace", "path": "/schema/0/properties/1/customProperties/1/value", "value": {"action": "hash", "clearFor": ["hr_reader"]}}
	_messages("acc_03", json.patch(fixtures.contract, [mask])) == set()
	other := {"op": "replace", "path": "/schema/0/properties/1/customProperties/1/value/clearFor", "value": ["nobody"]}
	count(_messages("acc_03", json.patch(fixtures.contract, [mask, other]))) == 1
}

_licensed(licence) := _port([{"op": "add", "path": "/customProperties", "value": [{"property": "ipProtection", "value": {"thirdParty": [licence]}}]}])

test_licences_of_third_parties if {
	held := {"expires": "2027-01-01", "permits": ["internal"]}
	_messages("ip_01", _licensed(held)) == set()
	every permits in [["external"], [], null, 17] {
		count(_messages("ip_01", _licensed(object.union(held, {"permits": permits})))) == 1
	}
	every expires in ["2026-01-01", null, 17, "soon"] {
		count(_messages("ip_01", _licensed(object.union(held, {"expires": expires})))) == 1
	}
}

test_expressions_are_read_by_their_grammar if {
	good := [
		"retention_days <= 3650", "classification != 'trade_secret' or consumer.nda == true",
		"region in ['EU', 'US'] and purpose == \"research\"", "retention_days < 10 || retention_days < 1.5 && region == 'EU'",
	]
	every text in good {
		dataproduct.lib.expressions.problems(text) == []
	}
	bad := [
		"", null, 17, "retention_days", "retention_days <=", "<= 3650", "retention_days <= '3650'", "retention_days = 1", "nobody == 1",
		"(retention_days <= 1)", "classification < 'b'", "region in 'EU'", "region == ['EU']", "retention_days <= 1 or", "http.send({})",
		"retention_days <= 3650; true", "consumer.nda == 'true'",
	]
	every text in bad {
		count(dataproduct.lib.expressions.problems(text)) > 0
	}
	count(dataproduct.lib.expressions.problems(concat("", ["purpose == '", concat("", [sprintf("%d", [1]) | some _ in numbers.range(1, 1000)]), "'"]))) > 0
}

test_what_the_build_knows_comes_before_the_vocabulary if {
	weak := {"hr.bank_details": {"parses": true, "default": "deny", "positive_tests": 0, "negative_tests": 1, "failed_tests": 1}}
	found := {f.msg | some f in dataproduct.rules.acc_02.deny} with input as fixtures.profile with data.dataproduct.access_policies as weak
	count(found) == 2
	every value in [null, [], "x", {}] {
		count(dataproduct.rules.acc_01.deny) == 1 with input as fixtures.profile with data.dataproduct.access_policies as value
	}
}

test_a_loosening_rule_of_a_domain_changes_no_central_outcome if {
	spoilt := json.remove(fixtures.contract, ["/team"])
	kind := {"meta": {"id": "OWN-01", "severity": "info", "remedy": "r", "regulation": []}, "applies": true, "deny": []}
	outcomes := dataproduct.outcomes with input as spoilt with time.now_ns as fixtures.noon with data.dataproduct.domains as {"hr": {"rules": {"own_01": kind}}}
	outcomes["OWN-01"] == "failed"
}

test_a_port_of_no_known_type_counts_as_the_worst if {
	secret := {"op": "add", "path": "/customProperties", "value": [{"property": "ipProtection", "value": {"tradeSecret": true}}]}
	every type in [null, "", [], {}, 17] {
		count(_messages("ip_02", _port([secret, {"op": "replace", "path": "/type", "value": type}]))) == 1
	}
	licence := [{"name": "of another", "expires": "2027-01-31", "permits": ["internal"]}]
	terms := {"op": "add", "path": "/customProperties", "value": [{"property": "ipProtection", "value": {"thirdParty": licence}}]}
	_messages("ip_01", _port([terms])) == set()
	count(_messages("ip_01", _port([terms, {"op": "remove", "path": "/type"}]))) == 1
	every wrong in [17, "", {}, true] {
		mistyped := {"op": "add", "path": "/customProperties", "value": [{"property": "ipProtection", "value": {"thirdParty": wrong}}]}
		count(_messages("ip_01", _port([mistyped]))) == 1
	}
	agent := {"op": "add", "path": "/customProperties", "value": [{"property": "agentPolicy", "value": {}}]}
	count(_messages("ai_02", _port([agent]))) == 7
	count(_messages("ai_02", _port([{"op": "replace", "path": "/type", "value": ["mcp"]}]))) == 7
}

_twice(version) := json.patch(fixtures.profile, [{"op": "add", "path": "/dataProduct/outputPorts/-", "value": port}]) if {
	port := object.union(fixtures.profile.dataProduct.outputPorts[0], {"version": version})
}

test_ports_are_told_apart_by_what_can_be_read if {
	_messages("port_01", _twice("2")) == set()
	every version in ["1", "", null, 2, [], {}] {
		count(_messages("port_01", _twice(version))) == 1
	}
}

_use(allowed) := json.patch(fixtures.profile, [{"op": "replace", "path": "/dataProduct/customProperties/0/value/allowed", "value": allowed}])

test_only_whole_lists_of_known_uses_are_taken if {
	_messages("ai_01", _use(["none"])) == set()
	every allowed in [["none", 17], ["none", null], ["none", ["training"]], [{}]] {
		"aiUse is not declared, or allowed is no use of the vocabulary." in _messages("ai_01", _use(allowed))
	}
	count(_messages("ai_01", json.remove(fixtures.profile, ["/dataProduct/customProperties"]))) == 1
}

test_retention_that_cannot_be_read_is_found_in_every_kind_of_document if {
	product := {"kind": "DataProduct", "customProperties": [{"property": "retentionPolicy", "value": {"period": 17}}]}
	count(_messages("ret_01", product)) == 1
	_messages("ret_01", {"kind": "DataProduct"}) == set()
	every law in ["nobody-knows", 17, [], {}, true] {
		policy := {"property": "retentionPolicy", "value": {"period": "3 years", "legalMinimum": law}}
		document := json.patch(fixtures.contract, [{"op": "add", "path": "/customProperties/-", "value": policy}])
		some message in _messages("ret_02", document)
		startswith(message, "The legal minimum")
	}
}

test_a_server_without_an_environment_may_be_any if {
	mask := {"op": "replace", "path": "/schema/0/properties/1/customProperties/1/value", "value": {"action": "hash", "environments": ["prod"]}}
	_messages("acc_04", json.patch(fixtures.contract, [mask])) == set()
	every environment in ["", null, 17, "dev"] {
		count(_messages("acc_04", json.patch(fixtures.contract, [mask, {"op": "replace", "path": "/servers/0/environment", "value": environment}]))) == 1
	}
}

test_a_quality_rule_has_to_say_what_it_checks if {
	every rule in [{}, {"type": "library"}, {"type": "sql", "rule": "x"}, {"type": "sql", "query": ""}, {"type": "custom", "implementation": {}}, {"type": 17, "rule": "x"}, {"type": "other", "rule": "x"}] {
		held := object.union(rule, {"dimension": "completeness"})
		count(_messages("dq_01", json.patch(fixtures.contract, [{"op": "replace", "path": "/schema/0/quality/0", "value": held}]))) == 1
	}
	every rule in [{"rule": "x"}, {"metric": "nullValues"}, {"type": "sql", "query": "select 1"}, {"type": "custom", "implementation": "x"}, {"type": "text", "description": "x"}] {
		held := object.union(rule, {"dimension": "completeness"})
		_messages("dq_01", json.patch(fixtures.contract, [{"op": "replace", "path": "/schema/0/quality/0", "value": held}])) == set()
	}
}

test_a_bucket_is_one_by_its_address if {
	every type in ["S3", "custom", null, 17] {
		patches := [{"op": "replace", "path": "/servers/0/type", "value": type}, {"op": "replace", "path": "/servers/0/location", "value": "s3://Not_A_Bucket/x"}]
		count(_messages("sto_01", json.patch(fixtures.contract, patches))) > 0
	}
}

test_a_plan_that_cannot_be_read_is_found if {
	every changes in [17, "", {}, true] {
		count(_messages("sto_01", {"format_version": "1.2", "resource_changes": changes})) == 1
	}
	every entry in [null, 17, {}, {"type": 17}] {
		count(_messages("sto_01", {"format_version": "1.2", "resource_changes": [entry]})) == 1
	}
	_messages("sto_01", {"format_version": "1.2", "resource_changes": []}) == set()
}
