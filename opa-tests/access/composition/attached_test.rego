package test.access.composition

import data.access.composition

attachments := {
	"organisation": [
		{"resource": "file:/data/", "user": [["o", "user"]], "record_rules": [["o", "record"]]},
		{"resource": "file:/data/hr/", "record_rules": [["o", "hr"], ["o", "record"]]},
	],
	"domain": {"hr": [{"resource": "file:/data/hr/", "record_rules": [["d", "hr"]]}]},
	"product": {
		"hr": {"employees": [{"resource": "file:/data/hr/employees.avro", "record_rules": [["p", "employees"]]}]},
		"pay": [{"resource": "file:/data/pay/", "record_rules": [["p", "pay"]]}],
	},
	"prefixes": {"domain": {"hr": ["file:/data/hr/"]}},
}

layers(id) := found if {
	found := composition.attached(id, "record_rules") with data.attachments as attachments
}

test_rules_inherit_down_the_path if {
	layers("file:/data/x.avro") == [{"name": "organisation", "rules": [["o", "record"]]}]
	layers("file:/data/hr/x.avro") == [
		{"name": "domain:hr", "rules": [["d", "hr"]]},
		{"name": "organisation", "rules": [["o", "hr"], ["o", "record"]]},
	]
}

test_the_layer_is_the_folder if {
	{layer.name | some layer in layers("file:/data/hr/employees.avro")} == {"organisation", "domain:hr", "product:hr/employees"}
	{layer.name | some layer in layers("file:/data/pay/x.avro")} == {"organisation", "product:pay"}
}

test_a_field_does_not_change_the_layer if {
	given := {"domain": {"hr": [{"resource": "file:/data/", "layer": "organisation", "record_rules": [["d", "hr"]]}]}}
	names := {layer.name | some layer in composition.attached("file:/data/x", "record_rules")} with data.attachments as given
	names == {"domain:hr"}
}

test_matching_is_by_whole_segments if {
	layers("file:/data") == []
	layers("file:/database/x") == []
	layers("file:/data/hrx/x.avro") == [{"name": "organisation", "rules": [["o", "record"]]}]
	count(layers("file:/data/hr/employees.avro")) == 3
	count(layers("file:/data/hr/employees.avro.old")) == 2
	count(layers("file:/data/hr/employees.avro/x")) == 2
	layers("FILE:/data/hr/") == []
}

test_each_list_stands_alone if {
	composition.attached("file:/data/hr/x", "user") == [{"name": "organisation", "rules": [["o", "user"]]}] with data.attachments as attachments
	composition.attached("file:/data/hr/x", "resource_rules") == [] with data.attachments as attachments
}

test_an_id_that_is_no_text_has_no_layers if {
	every id in [null, true, 1, {}, [], ["file:/data/hr/x"], ""] {
		layers(id) == []
	}
}

# Each of these takes the place of a layer that can be read, and must not look as if there were none.
test_what_cannot_be_read_denies if {
	every change in [
		{"organisation": null}, {"organisation": {}}, {"organisation": "file:/data/"}, {"organisation": 1},
		{"organisation": {"resource": "file:/data/", "record_rules": [["o", "record"]]}},
		{"domain": null}, {"domain": "hr"}, {"domain": 1}, {"domain": []}, {"domain": [attachments.domain.hr]},
		{"domain": {"hr": null}}, {"domain": {"hr": {}}}, {"domain": {"hr": "x"}}, {"domain": {"hr": 1}},
		{"domain": {"hr": [null]}}, {"domain": {"hr": ["x"]}}, {"domain": {"hr": [[]]}}, {"domain": {"hr": [{}]}},
		{"domain": {"hr": [{"resource": null, "record_rules": [["d", "hr"]]}]}},
		{"domain": {"hr": [{"resource": ["file:/data/hr/"], "record_rules": [["d", "hr"]]}]}},
		{"domain": {"hr": [{"record_rules": [["d", "hr"]]}]}},
		{"domain": {"hr": [{"resource": "file:/data/hr/", "record_rules": null}]}},
		{"domain": {"hr": [{"resource": "file:/data/hr/", "record_rules": "hr"}]}},
		{"domain": {"hr": [{"resource": "file:/data/hr/", "record_rules": {"d": "hr"}}]}},
		{"domain": {"hr": [{"resource": "file:/data/hr/", "records": [["d", "hr"]]}]}},
		{"domain": {"hr": [{"resource": "file:/data/hr/", "layer": "organisation"}]}},
		{"product": null}, {"product": "pay"}, {"product": []}, {"product": {"pay": null}}, {"product": {"pay": "x"}},
		{"product": {"hr": {"employees": null}}}, {"product": {"hr": {"employees": {"x": []}}}},
		{"domains": {"hr": []}}, {"": []}, {"organisations": []},
	] {
		given := object.union_n([object.remove(attachments, object.keys(change)), change])
		found := composition.attached("file:/data/hr/employees.avro", "record_rules") with data.attachments as given
		["", "malformed"] in {rule | some layer in found; some rule in layer.rules}
		composition.decision(found).allow == false with data.rules as sound
		composition.record_decision(found).allow == false with data.rules as sound
	}
}

sound := {
	"o": {"user": permits, "record": permits, "hr": permits},
	"d": {"hr": permits},
	"p": {"employees": permits, "pay": permits},
}

permits := {"permit": {"t.permits"}}

test_what_can_be_read_is_permitted_with_the_same_rules if {
	composition.decision(layers("file:/data/hr/employees.avro")).allow == true with data.rules as sound
}

test_without_attachments_nothing_is_permitted if {
	every given in [null, "x", 1, [], {}, {"domain": {}}] {
		found := composition.attached("file:/data/hr/x", "record_rules") with data.attachments as given
		composition.decision(found).allow == false with data.rules as sound
	}
}
