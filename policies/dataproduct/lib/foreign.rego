# METADATA
# title: Data products and contracts that are none of ours
# description: |
#   Of another standard, or with the kind missing or misspelt: no rule would look at them, and they would seem to conform. `portcullis check`
#   knows the same ones (src/dataproduct/foreign.ts).
package dataproduct.lib.foreign

import data.dataproduct.lib.document
import data.dataproduct.lib.values

# METADATA
# title: What is wrong with the document under check, each with `path` and `msg`; empty for documents of ours, and for those of no concern
default found := []

found := _listed if {
	count(_listed) > 0
} else := [marks[0]] if {
	document.current.format == "other"
	marks := array.concat(array.concat(_standards, _misspelt), array.concat(_elsewhere, _kindless))
	count(marks) > 0
}

_standards := [{"path": [key], "msg": msg} |
	some key, name in {
		"dataContractSpecification": "the Data Contract Specification",
		"dataProductDescriptor": "the Data Product Descriptor Specification",
	}
	key in object.keys(input)
	msg := sprintf("The document follows %s, which no rule looks at: convert it to ODCS or ODPS.", [name])
]

_misspelt := [{"path": ["kind"], "msg": msg} |
	kind := values.text(input, "kind")
	_nearly(kind)
	msg := sprintf("The kind is \"%s\", which no rule looks at: write DataContract, DataProduct, Waivers or Approvals.", [kind])
]

_elsewhere := [{"path": ["schema"], "msg": "The document follows the standard of opendataproducts.org, which no rule looks at: convert it to ODPS of Bitol."} |
	regex.match(`(?i)opendataproducts\.org`, values.text(input, "schema"))
]

# Kubernetes and others write v1 or group/v1.
_kindless := [{"path": ["apiVersion"], "msg": "There is no kind, so no rule looks at the document: write kind: DataContract or kind: DataProduct."} |
	regex.match(`^v?[0-9]+\.[0-9]+\.[0-9]+$`, values.text(input, "apiVersion"))
	count(object.keys(input) & {"schema", "dataset", "inputPorts", "outputPorts", "slaProperties"}) > 0
]

_listed := [{"path": [index], "msg": "A document in a list is looked at by no rule: write it as a document of its own, behind a line with ---."} |
	some index, item in values.array_of(input)
	_nearly(values.text(item, "kind"))
]

default _nearly(_) := false

_nearly(kind) if regex.match(`(?i)^(data[^a-z]*(contr?a[ck]{0,2}t|produ[ck]t)s?|waivers?|approvals?)$`, kind)
