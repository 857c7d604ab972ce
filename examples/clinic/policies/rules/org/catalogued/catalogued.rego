# METADATA
# title: Only output ports of data products are readable
# description: |
#   A leaf is what the place of its id says, below a prefix that the organisation gave to a data product. What a caller
#   calls it has no say. The product's own rules then decide; without them nothing but its place would be known.
# custom:
#   code: port.unknown
package rules.org.catalogued

# METADATA
# title: The leaf belongs to an output port that has rules
permit contains "port.catalogued" if _catalogued

# METADATA
# title: The leaf belongs to no output port
deny contains {
	"code": "port.unknown",
	"title": "No data product offers this. Ask for one of its output ports.",
} if not _catalogued

default _catalogued := false

_catalogued if {
	some product, prefixes in data.attachments.prefixes.product
	some prefix in prefixes
	startswith(input.resource.id, prefix)
	[domain, name] := split(product, "/")
	some attachment in data.attachments.product[domain][name]
	attachment.resource == prefix
}
