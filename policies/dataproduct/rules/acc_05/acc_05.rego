# METADATA
# title: The control port can be trusted
# description: |
#   The product's control port has an https address on an allowed host, without a user or password, and pins the
#   version of its bundle.
# custom:
#   id: ACC-05
#   severity: error
#   scope: document
#   code: enforcement.invalid
#   regulation: ["HIPAA 164.312(e)(1)"]
#   remedy: Give controlPort an opaServerUrl with https and a host of the vocabulary's control_hosts, and a bundleVersion (ODPS has a management port of content control, with the custom property bundleVersion).
package dataproduct.rules.acc_05

import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if document.has_ports

deny contains {"path": document.path([_key]), "msg": "Invalid policy enforcement configuration: there is no control port."} if {
	applies
	count(_ports) == 0
}

deny contains {"path": port.path, "msg": "Invalid policy enforcement configuration: the control port's address is not https on an allowed host."} if {
	applies
	some port in _ports
	not _host(port.url) in vocabulary.terms(document.domain, "control_hosts")
}

deny contains {"path": port.path, "msg": "Invalid policy enforcement configuration: the control port pins no version of its bundle."} if {
	applies
	some port in _ports
	port.version == ""
}

_key := "controlPort" if {
	document.kind == "profile"
} else := "managementPorts"

_ports := [port |
	document.kind == "profile"
	value := values.member(document.body, "controlPort")
	value != null
	port := {"path": document.path(["controlPort"]), "url": values.text(value, "opaServerUrl"), "version": values.text(value, "bundleVersion")}
] if {
	document.kind == "profile"
} else := [port |
	some part in document.parts_of(document.current, "managementPorts")
	values.text(part.value, "content") == "control"
	port := {"path": part.path, "url": values.text(part.value, "url"), "version": values.text_of(values.custom(part.value, "bundleVersion"))}
]

_host(url) := groups[1] if {
	groups := regex.find_all_string_submatch_n(`^https://([A-Za-z0-9.-]+)(?::[0-9]{1,5})?(?:/[^\s@]*)?$`, url, 1)[0]
} else := ""
