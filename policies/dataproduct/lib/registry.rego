# METADATA
# title: All rules, central and of domains, by id
# description: |
#   A domain's rules lie below `dataproduct.domains.<domain>.rules` and carry the domain's name before their id, so
#   none can take a central rule's place. They are asked about their own domain's documents, and about trees.
package dataproduct.lib.registry

import data.dataproduct.lib.document

# METADATA
# title: The rules by id
rules := object.union(domain_rules, central_rules)

# METADATA
# title: The organisation's rules
central_rules[id] := rule if {
	some name
	meta := data.dataproduct.rules[name].meta
	id := meta.id
	rule := {
		"meta": meta,
		"deny": data.dataproduct.rules[name].deny,
		"applies": data.dataproduct.rules[name].applies,
	}
}

# METADATA
# title: The domains' rules
domain_rules[id] := rule if {
	some domain, name
	document.domain in {domain, ""}
	meta := data.dataproduct.domains[domain].rules[name].meta
	id := sprintf("%s/%s", [domain, meta.id])
	rule := {
		"meta": meta,
		"deny": data.dataproduct.domains[domain].rules[name].deny,
		"applies": data.dataproduct.domains[domain].rules[name].applies,
	}
}
