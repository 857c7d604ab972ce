# METADATA
# title: Special categories have a ground and an impact assessment
# description: |
#   Where a field holds a special category of personal data, the contract names the ground of Art. 9(2) and
#   refers to the data protection impact assessment.
# custom:
#   id: CLS-03
#   severity: error
#   scope: document
#   regulation: ["GDPR 9", "GDPR 35(3)(b)"]
#   remedy: Add the custom properties specialCategoryGround, as in "Art. 9(2)(h)", and dpia with its reference.
package dataproduct.rules.cls_03

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if count(_special) > 0

deny contains {"path": document.custom_path("specialCategoryGround"), "msg": msg} if {
	applies
	not regex.match(`^Art\. 9\(2\)\([a-j]\)$`, values.text_of(document.custom("specialCategoryGround")))
	msg := sprintf("%s holds a special category of personal data, and specialCategoryGround names no ground of Art. 9(2)(a) to (j).", [_special[0].label])
}

deny contains {"path": document.custom_path("dpia"), "msg": msg} if {
	applies
	values.text_of(document.custom("dpia")) == ""
	msg := sprintf("%s holds a special category of personal data, and dpia refers to no impact assessment.", [_special[0].label])
}

_special := [field | some field in fields.personal; field.category != "personal"]
