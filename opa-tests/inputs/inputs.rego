# METADATA
# title: Inputs that tests begin with
package test.inputs

alice := {"id": "Alice", "active": true, "roles": ["HR"], "attributes": {"training": ["PAYROLL_TRAINING_COURSE"]}}

bob := {"id": "Bob", "active": true, "roles": ["ESTATES"], "attributes": {}}

eve := {"id": "Eve", "active": true, "roles": ["IT"], "attributes": {}}

hr_file := {
	"id": "file:/data/hr/employee_file0.avro",
	"type": "Employee",
	"format": "avro/binary",
	"attributes": {},
}

of(user, purpose) := {
	"user": user,
	"context": {"purpose": purpose},
	"resource": hr_file,
	"now": 1000,
}

# As `of`, with one fact about the record.
with_fact(user, purpose, rule, fact) := object.union(of(user, purpose), {"facts": {rule: fact}})

# The document without the member at this path.
without(document, path) := json.remove(document, [path])

# What a member can be instead of a list of roles: nothing of this grants anything.
not_roles := [null, true, 1, "HR", {}, {"HR": true}, {"role": "HR"}, [], [null], [["HR"]], ["hr"], ["HR "]]

# What a text can be instead of the one that is asked for.
not_text(text) := [null, true, 0, "", lower(text), concat("", [text, " "]), [text], {text: text}]

# What a boolean can be instead of true.
not_true := [null, false, 1, "true", "", [], {}, [true]]
