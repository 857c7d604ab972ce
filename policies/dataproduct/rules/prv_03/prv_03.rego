# METADATA
# title: Personal data can be erased
# description: |
#   Where a field holds personal data, the contract says by which method it is erased on request.
# custom:
#   id: PRV-03
#   severity: warning
#   scope: document
#   regulation: ["GDPR 17", "ISO 27001 A.8.10"]
#   remedy: Add the custom property erasure with a method of the vocabulary.
package dataproduct.rules.prv_03

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if fields.holds_personal

deny contains {"path": document.custom_path("erasure"), "msg": msg} if {
	applies
	methods := vocabulary.terms(document.domain, "erasure_methods")
	not _method in methods
	msg := sprintf("Personal data is held, and erasure.method is none of: %s.", [concat(", ", sort(methods))])
}

_method := values.text(document.custom("erasure"), "method")
