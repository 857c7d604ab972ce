# METADATA
# title: A known version, and nothing left to fill in
# description: |
#   The document is one that rules look at, its apiVersion and domain are ones the organisation takes, no placeholder is left, and
#   what rules read has the form of its standard. The schema of the version is checked by `portcullis check` itself.
# custom:
#   id: INT-01
#   severity: error
#   scope: document
#   regulation: ["EU Data Act Art. 33", "internal"]
#   remedy: Correct kind, apiVersion or domain, fill in the placeholder, or give the part the form its standard asks for.
package dataproduct.rules.int_01

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.foreign
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.shapes
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.governed

applies if count(foreign.found) > 0

deny contains found if some found in foreign.found

deny contains {"path": ["apiVersion"], "msg": "The apiVersion is none that the organisation takes."} if {
	document.governed
	document.kind != "profile"
	known := values.texts(values.member(vocabulary.setting("", "api_versions"), document.current.format))
	not values.text(input, "apiVersion") in known
}

deny contains {"path": document.path(["domain"]), "msg": msg} if {
	document.governed
	known := vocabulary.terms("", "domains")
	count(known) > 0
	not document.domain in known
	msg := sprintf("The domain \"%s\" is none of: %s.", [document.domain, concat(", ", sort(known))])
}

deny contains {"path": path, "msg": "A placeholder is left to fill in."} if {
	document.governed
	_possible
	walk(input, [path, text])
	is_string(text)
	regex.match(_placeholder, text)
	not _meant(path)
	not _variables_only(text)
}

deny contains problem if {
	document.governed
	some problem in shapes.problems
}

deny contains {"path": field.path, "msg": "Fields are nested deeper than eight levels; the deeper ones can't be judged."} if {
	document.governed
	some field in fields.too_deep
}

_placeholder := `\$\{[^}]*\}|\{\{[^}]*\}\}|<(TO[D]O|CHANGE_?ME|FILL_?IN)>`

# Queries and code name what they are run on in this way: `${object}` is ODCS's own, `{{ ref('orders') }}` dbt's.
default _meant(_) := false

_meant(path) if {
	some step in path
	step in {"query", "implementation", "transformLogic"}
}

# Since 3.2 ODCS has variables, which are filled in when the contract is used. Rules that read such a value find it wanting.
default _variables_only(_) := false

_variables_only(text) if {
	startswith(values.text(input, "apiVersion"), "v3.2")
	not regex.match(_placeholder, regex.replace(text, `\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}`, ""))
}

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
