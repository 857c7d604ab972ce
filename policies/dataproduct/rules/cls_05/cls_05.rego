# METADATA
# title: What comes out is not less classified than what went in
# description: |
#   An output port whose contract is classified lower than that of an input port names how the data was de-
#   identified.
# custom:
#   id: CLS-05
#   severity: error
#   scope: tree
#   regulation: ["GDPR 4(5)", "GDPR Recital 26", "HIPAA 164.514(a)-(b)"]
#   remedy: Raise the classification of the output, or add the custom property deidentification with a method of the vocabulary to the output port.
package dataproduct.rules.cls_05

import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.products
import data.dataproduct.lib.tree
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if tree.several

deny contains {"file": port.file, "path": port.path, "msg": msg} if {
	some port in tree.output_ports
	output := products.port_rank(port)
	some source in tree.input_ports
	source.file == port.file
	source.product.base == port.product.base
	some entering in _source_ranks(source)
	output < entering
	not _deidentified(port)
	msg := sprintf("The output port %s is classified lower than the input port %s, and no method of de-identification is declared.", [port.label, source.label])
}

_source_ranks(source) := [products.contract_rank(contract) | some contract in tree.contracts_by_id[source.contract]]

default _deidentified(_) := false

_deidentified(port) if {
	declared := values.custom(port.value, "deidentification")
	values.text(declared, "method") in vocabulary.terms(port.product.domain, "deidentification_methods")
}
