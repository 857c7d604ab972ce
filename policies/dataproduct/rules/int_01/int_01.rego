# METADATA
# title: A known version, and nothing left to fill in
# description: |
#   The apiVersion is one of those the organisation takes, no placeholder is left, and lists that rules read are
#   lists of objects. The schema of the version is checked by `portcullis check` itself.
# custom:
#   id: INT-01
#   severity: error
#   scope: document
#   regulation: ["EU Data Act Art. 33", "internal"]
#   remedy: Correct apiVersion, fill in the placeholder, or give the list the form its standard asks for.
package dataproduct.rules.int_01

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

deny contains {"path": ["apiVersion"], "msg": "The apiVersion is none that the organisation takes."} if {
	applies
	document.kind != "profile"
	known := values.texts(values.member(vocabulary.setting("", "api_versions"), document.current.format))
	not values.text(input, "apiVersion") in known
}

deny contains {"path": path, "msg": "A placeholder is left to fill in."} if {
	applies
	_possible
	walk(input, [path, text])
	is_string(text)
	regex.match(_placeholder, text)
}

deny contains {"path": document.path([key]), "msg": msg} if {
	applies
	some key in ["schema", "servers", "roles", "slaProperties", "customProperties", "inputPorts", "outputPorts", "managementPorts", "support", "policies"]
	value := values.member(document.body, key)
	value != null
	not _objects(value)
	msg := sprintf("%s is not a list of objects.", [key])
}

deny contains {"path": field.path, "msg": "Fields are nested deeper than eight levels; the deeper ones can't be judged."} if {
	applies
	some field in fields.too_deep
}

_placeholder := `\$\{[^}]*\}|\{\{[^}]*\}\}|<(TO[D]O|CHANGE_?ME|FILL_?IN)>`

# Nothing is looked for where no placeholder can be.
default _possible := false

_possible if {
	document.long
	regex.match(_placeholder, document.whole)
}

_possible if {
	not document.long
	some opening in ["${", "{{", "<TO", "<CHANGE", "<FILL", `\u003c`]
	contains(document.whole, opening)
}

default _objects(_) := false

_objects(value) if {
	is_array(value)
	every item in value {
		is_object(item)
	}
}
