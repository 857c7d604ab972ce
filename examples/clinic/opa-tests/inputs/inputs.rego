# METADATA
# title: Inputs that tests begin with
package test.inputs

always := {"days": [0, 1, 2, 3, 4, 5, 6], "from": 0, "to": 24}

alice := {
	"id": "alice",
	"active": true,
	"roles": ["doctor"],
	"attributes": {"ward": "cardiology", "clearance": 4, "shift": always},
}

bob := {"id": "bob", "active": true, "roles": ["pharmacist"], "attributes": {}}

carol := {"id": "carol", "active": true, "roles": ["researcher"], "attributes": {}}

dave := {"id": "dave", "active": true, "roles": ["administrator"], "attributes": {"seniority": 6}}

patient_records := "file:/clinic/patient-records/wards.avro"

prescriptions := "file:/clinic/prescriptions/dispensary.csv"

trial_results := "file:/clinic/trial-results/heart.parquet"

# The ports' leaves, and what the catalogue says each is.
ports := {
	patient_records: "clinic.PatientRecord",
	prescriptions: "clinic.Prescription",
	trial_results: "clinic.TrialResult",
}

of(user, context, id) := {
	"user": user,
	"context": context,
	"resource": {"id": id, "type": ports[id], "format": "application/octet-stream", "attributes": {}},
	"now": 0,
}

care := of(alice, {"purpose": "CARE"}, patient_records)

dispensing := of(bob, {"purpose": "DISPENSING"}, prescriptions)

research := of(carol, {"purpose": "RESEARCH"}, trial_results)

override := of(dave, {"purpose": "INCIDENT", "reason": "incident 4711: wrong dose"}, patient_records)

# As given, by somebody with the same roles and every attribute that could help, except one.
with_user(given, changes) := object.union(given, {"user": changes})

with_context(given, changes) := object.union(given, {"context": changes})

with_facts(given, rule, facts) := object.union(given, {"facts": {rule: facts}})

without(document, path) := json.remove(document, [path])

# Nothing of this is the number that it looks like, though OPA finds every text greater than any number.
not_numbers := [null, true, "0", "5", "9", "", [9], {"level": 9}]

# Nothing of this is a list with the role.
not_roles(role) := [null, true, role, [], [upper(role)], [[role]], {role: true}, [concat("", [role, " "])]]

# Nothing of this is the boolean true.
not_true := [null, false, 1, "true", "", [], {}, [true]]
