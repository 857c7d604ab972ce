# METADATA
# title: Data has a contract
# description: |
#   A leaf that no data product describes, or whose format can't be compared with its contract before it is
#   read, shows itself to nobody.
# custom:
#   code: org.contract
package rules.org.contract

# METADATA
# title: No contract describes this data
deny contains {
	"code": "contract.missing",
	"title": "No data product has a contract for this data. Ask its owner to add one.",
} if not _described

# METADATA
# title: Nobody can say whether this data is what its contract says
deny contains {
	"code": "contract.unverifiable",
	"title": "Data of this format can't be compared with its contract before it is read.",
} if not _comparable

default _described := false

_described if is_array(input.resource.fields)

default _comparable := false

_comparable if input.resource.format in data.lib.classification.compared_formats
