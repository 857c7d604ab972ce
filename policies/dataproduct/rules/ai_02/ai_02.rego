# METADATA
# title: Agents have bounds
# description: |
#   A port for agents (type mcp or agent) says which tools, models and use cases are allowed, how many rows,
#   that personal fields are redacted, that a person approves writes, and that calls are logged.
# custom:
#   id: AI-02
#   severity: error
#   scope: document
#   regulation: ["AI Act 12", "AI Act 14", "AI Act 26(1)", "AI Act 26(6)", "OWASP LLM06"]
#   remedy: Add the custom property agentPolicy with allowedTools, allowedModels, useCases, maxRows, redactPersonal, humanApproval and logging.
package dataproduct.rules.ai_02

import data.dataproduct.lib.document
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if count(_ports) > 0

deny contains {"path": values.custom_path(port.path, port.value, "agentPolicy"), "msg": msg} if {
	some port in _ports
	policy := values.custom(port.value, "agentPolicy")
	some key in ["allowedTools", "allowedModels", "useCases"]
	some lack in _list_lack(policy, key)
	msg := sprintf("The agent policy of port %s %s.", [port.label, lack])
}

deny contains {"path": values.custom_path(port.path, port.value, "agentPolicy"), "msg": msg} if {
	some port in _ports
	policy := values.custom(port.value, "agentPolicy")
	some key in ["redactPersonal", "humanApproval", "logging"]
	values.member(policy, key) != true
	msg := sprintf("The agent policy of port %s doesn't have %s true.", [port.label, key])
}

deny contains {"path": values.custom_path(port.path, port.value, "agentPolicy"), "msg": msg} if {
	some port in _ports
	rows := values.number_or(values.member(values.custom(port.value, "agentPolicy"), "maxRows"), 0)
	not _bounded(rows)
	msg := sprintf("The agent policy of port %s sets no maxRows within the organisation's limit.", [port.label])
}

_ports := [port |
	some port in document.output_ports
	_for_agents(port.value)
]

default _for_agents(_) := false

_for_agents(port) if lower(values.text(port, "type")) in {"mcp", "mcp-server", "agent"}

_for_agents(port) if {
	type := values.member(port, "type")
	type != null
	not is_string(type)
}

_for_agents(port) if values.custom(port, "agentPolicy") != null

default _bounded(_) := false

_bounded(rows) if {
	rows > 0
	rows <= values.number_or(vocabulary.setting(document.domain, "row_limit_max"), 0)
}

_list_lack(policy, key) := {sprintf("names no %s", [key])} if {
	count(values.texts(values.member(policy, key))) == 0
} else := {sprintf("allows everything as %s", [key])} if {
	"*" in values.texts(values.member(policy, key))
} else := set()
