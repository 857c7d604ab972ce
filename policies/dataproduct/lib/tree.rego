# METADATA
# title: All documents of a tree together
# description: For a list of documents as `conftest test --combine` gives it. For one document, there is no tree and all is empty.
package dataproduct.lib.tree

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.values

# METADATA
# title: Is a list of documents under check, and no comparison?
default several := false

several if {
	is_array(input)
	not _comparison
}

# METADATA
# title: The documents with their files
items := items_of(values.array_of(input))

# METADATA
# title: The documents of such a list with their files
items_of(documents) := [item |
	some given in documents
	seen := document.view(values.member(given, "contents"))
	item := object.union(seen, {
		"file": values.text(given, "path"),
		"id": values.text(seen.body, "id"),
	})
]

# METADATA
# title: The contracts
contracts := [item | some item in items; item.kind == "contract"]

# METADATA
# title: The products, those of our profile included
products := [item | some item in items; item.kind in {"product", "profile"}]

# METADATA
# title: Contracts by id, as a list for each
contracts_by_id[id] := [item | some item in contracts; item.id == id] if {
	some contract in contracts
	id := contract.id
	id != ""
}

# METADATA
# title: How a product is named in references
name_of(item) := item.id if {
	item.id != ""
} else := values.text(item.body, "name")

# METADATA
# title: The fields of each contract, by file
fields_by_file[file] := fields.of(contract) if {
	some contract in contracts
	file := contract.file
}

# METADATA
# title: The output ports of all products, with their product and file
output_ports := _ports("outputPorts")

# METADATA
# title: The input ports of all products
input_ports := _ports("inputPorts")

_ports(key) := [found |
	some product in products
	some port in document.parts_of(product, key)
	found := object.union(port, {"file": product.file, "product": product, "contract": values.text(port.value, "contractId")})
]

default _comparison := false

_comparison if {
	some given in input
	values.member(values.member(given, "contents"), "kind") == "Change"
}
