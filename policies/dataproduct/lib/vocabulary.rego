# METADATA
# title: Terms and limits, which are data
# description: |
#   Three layers: the one delivered (`data.dataproduct.vocabulary`), the organisation's own
#   (`data.dataproduct.organisation.vocabulary`, which replaces a key as a whole), and a domain's
#   (`data.dataproduct.domains.<domain>.vocabulary`), which can only tighten. How it tightens depends on the kind of the key, below;
#   a domain's value of another type, or for a key that is not listed, has no effect.
package dataproduct.lib.vocabulary

import data.dataproduct.lib.values

# METADATA
# title: How a domain may tighten a key
# description: |
#   max: an upper limit, the smaller counts. min: a lower limit, the greater counts. allow: what is permitted, the
#   intersection counts. require: what is demanded or forbidden, the union counts. Other keys are the organisation's alone.
kinds := {
	"access_policies": "allow",
	"ai_uses": "allow",
	"ai_uses_personal": "allow",
	"archive_grounds": "allow",
	"control_hosts": "allow",
	"coverage_min_percent": "min",
	"deidentification_methods": "allow",
	"erasure_methods": "allow",
	"forbidden_bucket_prefixes": "require",
	"forbidden_bucket_suffixes": "require",
	"forbidden_roles": "require",
	"lawful_bases": "allow",
	"licences": "allow",
	"masks": "allow",
	"notice_min_days": "min",
	"owner_roles": "allow",
	"people": "allow",
	"personal_terms": "require",
	"quality_dimensions": "require",
	"quality_min_percent": "min",
	"quality_results_age_max_hours": "max",
	"regions": "allow",
	"registered_sources": "allow",
	"retention_max_days": "max",
	"retention_min_days": "min",
	"row_limit_max": "max",
	"service_levels": "require",
	"special_terms": "require",
	"statuses": "allow",
	"transfer_mechanisms": "allow",
}

# METADATA
# title: The value of a key for a domain; null when nobody sets it
setting(domain, key) := value if {
	value := _tightened[domain][key]
} else := value if {
	value := organisation[key]
} else := null

# METADATA
# title: What holds for the whole organisation
organisation := object.union(
	values.object_of(delivered),
	values.object_of(own),
)

# METADATA
# title: The layer delivered with the rules
default delivered := null

delivered := data.dataproduct.vocabulary

# METADATA
# title: The organisation's own layer
default own := null

own := data.dataproduct.organisation.vocabulary

# METADATA
# title: The texts of a key as a set
terms(domain, key) := values.texts(setting(domain, key))

# METADATA
# title: The number of an entry of a key, or of the key itself
limit(domain, key, entry, otherwise) := values.number_or(values.member(setting(domain, key), entry), otherwise)

# METADATA
# title: The number of a key, or zero
number(domain, key) := values.number_or(setting(domain, key), 0)

_tightened[domain][key] := value if {
	some domain
	wanted := data.dataproduct.domains[domain].vocabulary[key]
	held := organisation[key]
	value := _tighter(kinds[key], held, wanted)
}

_tighter(kind, held, wanted) := _stricter(kind, held, wanted) if {
	not is_object(held)
} else := {entry: value |
	some entry in _entries(kind, held, wanted)
	value := _entry(kind, held, wanted, entry)
} if {
	is_object(wanted)
}

# Only a table of what is demanded grows: a new entry in a table of what is allowed would allow more.
_entries("allow", held, _) := object.keys(held)

_entries(kind, held, wanted) := object.keys(held) | object.keys(wanted) if kind != "allow"

_entry(kind, held, wanted, entry) := value if {
	object.keys({entry: 1}) & object.keys(held) == set()
	value := _well_typed(kind, wanted[entry])
} else := value if {
	value := _stricter(kind, held[entry], wanted[entry])
} else := held[entry]

_well_typed(kind, value) := value if {
	kind in {"max", "min"}
	is_number(value)
}

_well_typed("require", value) := value if is_array(value)

_stricter("max", held, wanted) := min([held, wanted]) if {
	is_number(held)
	is_number(wanted)
}

_stricter("min", held, wanted) := max([held, wanted]) if {
	is_number(held)
	is_number(wanted)
}

_stricter("allow", held, wanted) := [term | some term in held; term in wanted] if {
	is_array(held)
	is_array(wanted)
}

_stricter("require", held, wanted) := array.concat(held, [term | some term in wanted; not term in held]) if {
	is_array(held)
	is_array(wanted)
}

# METADATA
# title: The keys that must be there, with the type of each
types := object.union(
	{key: "object" | some key in _tables},
	object.union(
		{key: "array" | some key in _lists},
		{
			"bucket_pattern": "string",
			"notice_min_days": "number",
			"protected_from": "string",
			"quality_results_age_max_hours": "number",
			"row_limit_max": "number",
		},
	),
)

_tables := {
	"access_policies", "api_versions", "coverage_min_percent", "expression_names", "name_patterns", "quality_min_percent", "regions",
	"retention_max_days", "retention_min_days", "severities", "status_transitions",
}

_lists := {
	"ai_uses", "ai_uses_personal", "archive_grounds", "categories", "classifications", "control_hosts", "deidentification_methods",
	"domains", "erasure_methods", "external_port_types", "forbidden_bucket_prefixes", "forbidden_bucket_suffixes", "forbidden_roles",
	"lawful_bases", "licences", "masks", "owner_roles", "people", "personal_terms", "policies_required", "policy_enforcements",
	"privacy_contact_roles", "quality_dimensions", "registered_sources", "secret_patterns", "service_level_units", "service_levels",
	"special_terms", "statuses", "steward_roles", "transfer_mechanisms",
}
