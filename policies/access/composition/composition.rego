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
decision(layers) := _decided(layers, _voices(layers))

# Masks are a set, those of all layers.
record_decision(layers) := _record_decided(layers, _voices(layers))

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

_decided(layers, voices) := {"allow": true, "reasons": sort(_marked(voices))} if {
	_permitted(layers, voices)
} else := _refused(layers, voices)

_record_decided(layers, voices) := {"allow": true, "masks": {mask | some mask in masks}, "reasons": []} if {
	_permitted(layers, voices)
	masks := _masks(voices)
	every mask in masks {
		_is_mask(mask)
	}
} else := object.union(_refused(layers, voices), {"masks": set()})

_refused(layers, voices) := {"allow": false, "reasons": sort(objections)} if {
	objections := _objections(layers, voices)
	count(objections) > 0
} else := {"allow": false, "reasons": [{"code": "policy.mask_malformed"}]} if {
	_permitted(layers, voices)
} else := {"allow": false, "reasons": [{"code": "policy.layers_malformed"}]}

# What the attached rules say, in their layers. Each export is looked up here and nowhere else.
_voices(layers) := [{"layer": layer.name, "rules": rules} |
	some layer in layers
	rules := [[rule, _exports(rule)] | some rule in layer.rules]
]

# For each kind the one set, or none where the rule exports no such thing; nothing at all for what is not a rule's name.
_exports(rule) := exports if {
	[domain, name] := rule
	is_string(domain)
	is_string(name)
	exports := [
		[set | set := data.rules[domain][name].permit],
		[set | set := data.rules[domain][name].deny],
		[set | set := data.rules[domain][name].mask],
	]
} else := []

_permitted(layers, voices) if {
	_known(layers)
	every voice in voices {
		_consents(voice)
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

_consents(voice) if {
	every spoken in voice.rules {
		_sound(spoken[1])
		_silent(spoken[1])
	}
	_votes(voice)
}

# An attached rule exists, exports at least one partial set of ours, nothing of another kind, and permits in our words.
_sound(exports) if {
	[permits, denials, masks] := exports
	exports != [[], [], []]
	every reasons in permits {
		is_set(reasons)
		every reason in reasons {
			_is_reason(reason)
		}
	}
	every reasons in denials {
		is_set(reasons)
	}
	every set in masks {
		is_set(set)
	}
}

_silent([_, denials, _]) if {
	every reasons in denials {
		reasons == set()
	}
}

_votes(voice) if {
	some [_, [permits, _, _]] in voice.rules
	some reasons in permits
	some reason in reasons
	_is_reason(reason)
} else if {
	voice.layer != "organisation"
	every spoken in voice.rules {
		spoken[1][0] == []
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

# A list, since going through a set of objects once more costs as much as making it.
_masks(voices) := [mask |
	some voice in voices
	some [_, [_, _, sets]] in voice.rules
	some set in sets
	some mask in set
]

# Parameters are checked where the mask is carried out: a wrong one refuses the read.
_is_mask(mask) if {
	startswith(mask.path, "/")
	mask.action in _mask_actions
}

_mask_actions := {"null", "constant", "partial", "hash", "truncate", "date", "round", "remove"}

# What the audit log has to say of a permit, beside that it was one.
_marked(voices) := {_attributed(reason, rule, voice.layer) |
	some voice in voices
	some [rule, [permits, _, _]] in voice.rules
	some reasons in permits
	some reason in reasons
	reason.audit == true
}

# Why not: complete for people, never what the decision is made from.
_objections(layers, voices) := ((_absent(layers) | _unsound(voices)) | _denials(voices)) | _unpermitted(voices)

_absent(layers) := {{"code": "policy.missing"} |
	is_array(layers)
	not "organisation" in {layer.name | some layer in layers}
}

_unsound(voices) := {{"code": "policy.rule_malformed", "rule": _id(rule), "layer": voice.layer} |
	some voice in voices
	some [rule, exports] in voice.rules
	not _sound(exports)
}

_denials(voices) := {_attributed(reason, rule, voice.layer) |
	some voice in voices
	some [rule, [_, denials, _]] in voice.rules
	some reasons in denials
	some reason in reasons
}

# Where a layer denies, that is the reason; only of one that says nothing else is it said that it doesn't permit.
_unpermitted(voices) := {{"code": "policy.no_permit", "layer": voice.layer} |
	some voice in voices
	not _votes(voice)
	every spoken in voice.rules {
		_sound(spoken[1])
		_silent(spoken[1])
	}
}

_attributed(reason, rule, layer) := {"code": reason, "rule": _id(rule), "layer": layer} if {
	is_string(reason)
	_is_reason(reason)
} else := object.union(
	object.filter(reason, ["code", "title"]),
	{"rule": _id(rule), "layer": layer},
) if {
	_is_reason(reason)
} else := {"code": "policy.reason_malformed", "rule": _id(rule), "layer": layer}

_id([domain, name]) := concat(".", [domain, name]) if {
	is_string(domain)
	is_string(name)
} else := "?"

_id(rule) := "?" if not is_array(rule)

_id(rule) := "?" if {
	is_array(rule)
	count(rule) != 2
}
