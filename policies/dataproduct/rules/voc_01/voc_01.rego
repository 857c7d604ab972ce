# METADATA
# title: The vocabulary is there
# description: |
#   Without the terms and limits, which are data, no rule can judge. conftest loads data only when told to
#   (`--data policies`), and says nothing of its own when that is forgotten.
# custom:
#   id: VOC-01
#   severity: warning
#   scope: document
#   regulation: [internal]
#   remedy: Give the data as well as the policies (`conftest test --data policies`), with every key of policies/dataproduct/vocabulary/data.json.
package dataproduct.rules.voc_01

import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := true

deny contains {"path": [], "msg": "The vocabulary is missing: data.dataproduct.vocabulary is not loaded, so no rule can judge by it."} if {
	not is_object(vocabulary.delivered)
}

deny contains {"path": [], "msg": msg} if {
	is_object(vocabulary.delivered)
	some key, type in vocabulary.types
	type_name(object.get(vocabulary.organisation, key, null)) != type
	msg := sprintf("The vocabulary's key %s is missing or not of type %s.", [key, type])
}
