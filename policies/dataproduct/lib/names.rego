# METADATA
# title: Names of buckets
package dataproduct.lib.names

import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

# METADATA
# title: What is wrong with a bucket's name
bucket_problems(domain, name) := {problem |
	some problem, holds in {
		"has no name of 3 to 63 small letters, digits, dots and hyphens that starts and ends with a letter or digit": regex.match(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`, name),
		"has two dots in a row": not_in("..", name),
		"looks like an IP address": not_ip(name),
		"has a prefix that is reserved": count([prefix | some prefix in vocabulary.terms(domain, "forbidden_bucket_prefixes"); startswith(name, prefix)]) == 0,
		"has a suffix that is reserved": count([suffix | some suffix in vocabulary.terms(domain, "forbidden_bucket_suffixes"); endswith(name, suffix)]) == 0,
		"doesn't follow the organisation's pattern": _follows(values.text_of(vocabulary.setting(domain, "bucket_pattern")), name),
	}
	not holds
}

# METADATA
# title: Is a part absent from a name?
not_in(part, name) := count(indexof_n(name, part)) == 0

# METADATA
# title: Is a name no IP address?
not_ip(name) := count(regex.find_n(`^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$`, name, 1)) == 0

default _follows(_, _) := false

_follows(pattern, name) if {
	pattern != ""
	regex.match(pattern, name)
}
