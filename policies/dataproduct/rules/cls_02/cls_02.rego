# METADATA
# title: What looks personal has a category of personal data
# description: |
#   A field whose name or semantic type has a word for personal data (email, birth date, IBAN, …) carries the
#   custom property category, none included; every category is one of the vocabulary.
# custom:
#   id: CLS-02
#   severity: error
#   scope: document
#   effective_from: "2027-01-01"
#   severity_before: warning
#   regulation: ["GDPR 4(1)", "ISO 27001 A.5.34"]
#   remedy: Add the custom property category to the field, one of personal, special, none.
package dataproduct.rules.cls_02

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary
import data.dataproduct.lib.words

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.kind == "contract"

deny contains {"path": field.path, "msg": msg} if {
	applies
	some field in fields.all
	field.category == ""
	hits := _words(field) & _terms
	count(hits) > 0
	msg := sprintf("%s looks like personal data (%s) and has no category.", [field.label, concat(", ", sort(hits))])
}

deny contains {"path": values.custom_path(field.path, field.value, "category"), "msg": msg} if {
	applies
	some field in fields.all
	field.category != ""
	not field.category in _categories
	msg := sprintf("The category of %s is none of: %s.", [field.label, concat(", ", sort(_categories))])
}

deny contains {"path": values.custom_path(field.path, field.value, "category"), "msg": msg} if {
	applies
	some field in fields.all
	field.category == "personal"
	hits := _words(field) & _special
	count(hits) > 0
	msg := sprintf("%s looks like a special category of personal data (%s) and is only called personal.", [field.label, concat(", ", sort(hits))])
}

_terms := vocabulary.terms(document.domain, "personal_terms") | _special

_special := vocabulary.terms(document.domain, "special_terms")

_categories := vocabulary.terms(document.domain, "categories")

_words(field) := words.of(field.name) | words.of(values.text(field.value, "semanticType"))
