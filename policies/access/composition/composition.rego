# METADATA
# title: From attached rules to a decision
# description: |
#   Inside a layer permits unite and a denial wins; layers intersect; masks unite. A permit is proved, never
#   inferred from the absence of objections: the organisation and every layer below it must consent.
#   A layer below the organisation whose rules export no permit abstains, so it can only tighten.
package access.composition

# The layers that attach rules of one list to this id or to a folder above it, in a fixed order.
attached(id, list) := sort([{"name": name, "rules": rules} |
	some name, attachments in _attachments
	rules := _covering(attachments, id, list)
	count(rules) > 0
])

# The reasons of a permit are those that rules marked for the audit log.
decision(layers) := {"allow": true, "reasons": sort(_marked(layers))} if {
	_permitted(layers)
} else := {"allow": false, "reasons": sort(objections)} if {
	objections := _objections(layers)
	count(objections) > 0
} else := {"allow": false, "reasons": [{"code": "policy.layers_malformed"}]}

record_decision(layers) := {"allow": true, "masks": sort(masks), "reasons": []} if {
	_permitted(layers)
	masks := _masks(layers)
	every mask in masks {
		_is_mask(mask)
	}
} else := {"allow": false, "masks": [], "reasons": reasons} if {
	decided := decision(layers)
	decided.allow == false
	reasons := decided.reasons
} else := {"allow": false, "masks": [], "reasons": [{"code": "policy.mask_malformed"}]}

both(one, other) := {"allow": true, "reasons": array.concat(one.reasons, other.reasons)} if {
	one.allow == true
	other.allow == true
} else := {"allow": false, "reasons": array.concat(one.reasons, other.reasons)}

# The layer is the folder that the attachments lie in, never a field of theirs.
_attachments["organisation"] := data.attachments.organisation

_attachments[name] := attachments if {
	some domain, attachments in data.attachments.domain
	name := concat(":", ["domain", domain])
}

_attachments[name] := attachments if {
	some product, attachments in data.attachments.product
	not is_object(attachments)
	name := concat(":", ["product", product])
}

_attachments[name] := attachments if {
	some domain, products in data.attachments.product
	is_object(products)
	some product, attachments in products
	name := concat("", ["product:", domain, "/", product])
}

# What lies where no layer can be read is one that can't be read, never one that isn't there.
_attachments[kind] := "malformed" if {
	some kind in ["domain", "product"]
	not is_object(object.get(data.attachments, kind, {}))
}

_attachments[kind] := "malformed" if {
	some kind, _ in data.attachments
	not kind in {"organisation", "domain", "product", "prefixes"}
}

# Attachments that can't be read become a rule that can't exist, which denies.
_covering(attachments, id, list) := sort({rule |
	some attachment in attachments
	_covers(attachment.resource, id)
	some rule in attachment[list]
}) if {
	is_array(attachments)
	every attachment in attachments {
		is_string(attachment.resource)
		is_array(object.get(attachment, list, []))
		object.keys(attachment) - {"resource", "user", "resource_rules", "record_rules"} == set()
	}
} else := [["", "malformed"]]

# By whole segments: a key that ends in / covers all below it and itself, any other key exactly itself.
_covers(key, id) := startswith(id, key) if {
	endswith(key, "/")
} else := key == id

_permitted(layers) if {
	_known(layers)
	every layer in layers {
		_consents(layer)
	}
}

_known(layers) if {
	is_array(layers)
	"organisation" in {layer.name | some layer in layers}
	every layer in layers {
		_named(layer.name)
		is_array(layer.rules)
		count(layer.rules) > 0
	}
}

_named("organisation") := true

_named(name) if startswith(name, "domain:")

_named(name) if startswith(name, "product:")

_consents(layer) if {
	every rule in layer.rules {
		_sound(rule)
		_silent(rule)
	}
	_votes(layer)
}

# An attached rule exists, exports at least one partial set of ours, nothing of another kind, and permits in our words.
_sound([domain, name]) if {
	is_string(domain)
	is_string(name)
	sets := array.concat(
		array.concat(
			[set | set := data.rules[domain][name].permit],
			[set | set := data.rules[domain][name].deny],
		),
		[set | set := data.rules[domain][name].mask],
	)
	count(sets) > 0
	every set in sets {
		is_set(set)
	}
	every reason in {reason | some reason in data.rules[domain][name].permit} {
		_is_reason(reason)
	}
}

_silent([domain, name]) if {
	count([reason | some reason in data.rules[domain][name].deny]) == 0
}

_votes(layer) if {
	some [domain, name] in layer.rules
	some reason in data.rules[domain][name].permit
	_is_reason(reason)
} else if {
	layer.name != "organisation"
	every rule in layer.rules {
		count([set | set := data.rules[rule[0]][rule[1]].permit]) == 0
	}
}

_is_reason(reason) if {
	is_string(reason)
	reason != ""
} else if {
	is_string(reason.code)
	reason.code != ""
	is_string(object.get(reason, "title", ""))
}

_masks(layers) := {mask |
	some layer in layers
	some [domain, name] in layer.rules
	some mask in data.rules[domain][name].mask
}

# Parameters are checked where the mask is carried out: a wrong one refuses the read.
_is_mask(mask) if {
	startswith(mask.path, "/")
	mask.action in {"null", "constant", "partial", "hash", "truncate", "date", "round", "remove"}
}

# What the audit log has to say of a permit, beside that it was one.
_marked(layers) := {_attributed(reason, [domain, name], layer) |
	some layer in layers
	some [domain, name] in layer.rules
	some reason in data.rules[domain][name].permit
	reason.audit == true
}

# Why not: complete for people, never what the decision is made from.
_objections(layers) := ((_absent(layers) | _unsound(layers)) | _denials(layers)) | _unpermitted(layers)

_absent(layers) := {{"code": "policy.missing"} |
	is_array(layers)
	not "organisation" in {layer.name | some layer in layers}
}

_unsound(layers) := {{"code": "policy.rule_malformed", "rule": _id(rule), "layer": layer.name} |
	some layer in layers
	some rule in layer.rules
	not _sound(rule)
}

_denials(layers) := {_attributed(reason, [domain, name], layer) |
	some layer in layers
	some [domain, name] in layer.rules
	some reason in data.rules[domain][name].deny
}

# Where a layer denies, that is the reason; only of one that says nothing else is it said that it doesn't permit.
_unpermitted(layers) := {{"code": "policy.no_permit", "layer": layer.name} |
	some layer in layers
	not _votes(layer)
	every rule in layer.rules {
		_sound(rule)
		_silent(rule)
	}
}

_attributed(reason, rule, layer) := {"code": reason, "rule": _id(rule), "layer": layer.name} if {
	is_string(reason)
	_is_reason(reason)
} else := object.union(
	object.filter(reason, ["code", "title"]),
	{"rule": _id(rule), "layer": layer.name},
) if {
	_is_reason(reason)
} else := {"code": "policy.reason_malformed", "rule": _id(rule), "layer": layer.name}

_id([domain, name]) := concat(".", [domain, name]) if {
	is_string(domain)
	is_string(name)
} else := "?"

_id(rule) := "?" if not is_array(rule)

_id(rule) := "?" if {
	is_array(rule)
	count(rule) != 2
}
