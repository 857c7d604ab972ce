# METADATA
# title: Products of a tree and the contracts of their ports
package dataproduct.lib.products

import data.dataproduct.lib.levels
import data.dataproduct.lib.tree
import data.dataproduct.lib.values

# METADATA
# title: The rank of a contract's most sensitive field
contract_rank(contract) := max(ranks) if {
	ranks := _ranks[contract.file]
	count(ranks) > 0
} else := count(levels.order)

# METADATA
# title: The rank of a port, by its contracts, or by its own word where it has none
port_rank(port) := max(ranks) if {
	ranks := {contract_rank(contract) | some contract in tree.contracts_by_id[port.contract]}
	count(ranks) > 0
} else := levels.rank(values.custom(port.value, "classification"))

_ranks[file] := {levels.rank(field.classification) | some field in fields} if some file, fields in tree.fields_by_file
