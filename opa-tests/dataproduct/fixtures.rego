# METADATA
# title: Conforming documents that tests spoil
package test.dataproduct.fixtures

# METADATA
# title: 25 November 2026, noon
noon := 1795608000000000000

# METADATA
# title: A contract without a finding
contract := {
	"kind": "DataContract", "apiVersion": "v3.1.0", "id": "53581432-6c55-4ba2-a65f-72344a91553a", "version": "1.0.0",
	"status": "active", "name": "employees", "domain": "hr", "dataProduct": "staff",
	"description": {"purpose": "paying salaries"},
	"team": {"members": [
		{"username": "alice@example.com", "role": "owner", "dateIn": "2024-01-01"},
		{"username": "bob@example.com", "role": "steward", "dateIn": "2024-01-01"},
		{"username": "carol@example.com", "role": "data protection officer", "dateIn": "2024-01-01"},
	]},
	"support": [{"channel": "#staff", "url": "https://chat.example.com/staff"}],
	"servers": [{
		"server": "prod", "type": "s3", "environment": "prod", "region": "eu-west-1", "location": "s3://acme-prod-hr-staff/employees",
		"customProperties": [{"property": "security", "value": {"tlsOnly": true, "publicAccessBlocked": true, "accessLog": true}}],
	}],
	"roles": [{"role": "hr_reader", "access": "read", "firstLevelApprovers": "alice", "secondLevelApprovers": "bob"}],
	"slaProperties": [
		{"property": "retention", "value": 3, "unit": "y"},
		{"property": "availability", "value": 99.9, "unit": "percent"},
		{"property": "latency", "value": 4, "unit": "h"},
		{"property": "frequency", "value": 1, "unit": "d"},
	],
	"customProperties": [
		{"property": "tier", "value": 1},
		{"property": "lawfulBasis", "value": "contract"},
		{"property": "ropaId", "value": "ropa-17"},
		{"property": "residency", "value": "EU"},
		{"property": "erasure", "value": {"method": "delete"}},
		{"property": "encryption", "value": {"atRest": true, "key": "customer"}},
		{"property": "aiUse", "value": {"allowed": ["none"], "textAndDataMining": "reserved"}},
		{"property": "specialCategoryGround", "value": "Art. 9(2)(h)"},
		{"property": "dpia", "value": "dpia-4"},
		{"property": "reviewAfter", "value": "2027-01-31"},
	],
	"schema": [{
		"name": "employees", "description": "one row a person",
		"quality": [{"dimension": dimension, "type": "library", "rule": "x"} | some dimension in ["completeness", "uniqueness", "conformity", "timeliness"]],
		"properties": [
			{
				"name": "uid", "logicalType": "string", "description": "key", "classification": "internal", "primaryKey": true,
				"required": true, "criticalDataElement": true, "transformSourceObjects": ["sap.staff"],
			},
			{
				"name": "email", "logicalType": "string", "description": "address", "classification": "restricted",
				"customProperties": [{"property": "category", "value": "personal"}, {"property": "masking", "value": {"action": "hash"}}],
			},
			{
				"name": "diagnosis", "logicalType": "string", "description": "sick note", "classification": "restricted",
				"customProperties": [{"property": "category", "value": "special"}, {"property": "masking", "value": "null"}],
			},
		],
	}],
}

# METADATA
# title: A product of our profile without a finding
profile := {"dataProduct": {
	"id": "urn:acme:staff", "name": "staff", "domain": "hr", "status": "active", "version": "1.0.0",
	"team": contract.team, "support": contract.support,
	"classification": "restricted",
	"inputPorts": [{"name": "sap-hr", "type": "kafka"}],
	"outputPorts": [{
		"name": "staff-api", "type": "graphql", "version": "1", "contractId": contract.id, "classification": "restricted",
		"accessPolicy": {"package": "hr.bank_details", "default": "deny"},
		"inputContracts": [{"id": "sap-hr", "version": "1"}],
	}],
	"policies": [
		{"name": "data_retention", "expression": "retention_days <= 3650", "enforcement": "control_port"},
		{"name": "ip_protection", "expression": "classification != 'trade_secret' or consumer.nda == true"},
	],
	"controlPort": {"opaServerUrl": "https://opa.platform.example/v1/data/dataproduct", "bundleVersion": "1.4.0"},
	"customProperties": [{"property": "aiUse", "value": {"allowed": ["none"], "textAndDataMining": "reserved"}}],
}}
