# METADATA
# title: Data stays where it may be stored
# description: |
#   Each server of a contract that holds personal data or declares a residency is in a region that is allowed
#   for it, or a transfer mechanism is named.
# custom:
#   id: PRV-02
#   severity: error
#   scope: document
#   regulation: ["GDPR 44-49"]
#   remedy: Move the server to a region of the residency, or add the custom property transfer with a mechanism of the vocabulary and its reference.
package dataproduct.rules.prv_02

import data.dataproduct.lib.document
import data.dataproduct.lib.fields
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if {
	document.kind == "contract"
	_bound
}

deny contains {"path": document.custom_path("residency"), "msg": msg} if {
	applies
	not _residency in object.keys(_regions)
	msg := sprintf("The residency \"%s\" is none of: %s.", [_residency, concat(", ", sort(object.keys(_regions)))])
}

deny contains {"path": document.path(["servers"]), "msg": "No server is named, so nobody can tell where the data is stored."} if {
	applies
	count(document.servers) == 0
}

deny contains {"path": server.path, "msg": msg} if {
	applies
	not _transferred
	some server in document.servers
	region := _region(server.value)
	not region in values.texts(values.member(_regions, _residency))
	msg := sprintf("The server %s is in region \"%s\", which is not one for residency \"%s\".", [server.label, region, _residency])
}

default _bound := false

_bound if fields.holds_personal

_bound if document.custom("residency") != null

_regions := values.object_of(vocabulary.setting(document.domain, "regions"))

_residency := values.text_of(document.custom("residency"))

_region(server) := region if {
	region := values.text(server, "region")
	region != ""
} else := region if {
	region := values.text_of(values.custom(server, "region"))
	region != ""
} else := region if {
	region := values.text(server, "location")
	not contains(region, "/")
} else := ""

default _transferred := false

_transferred if {
	transfer := document.custom("transfer")
	values.text(transfer, "mechanism") in vocabulary.terms(document.domain, "transfer_mechanisms")
	values.text(transfer, "reference") != ""
}
