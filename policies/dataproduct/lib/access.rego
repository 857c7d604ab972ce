# METADATA
# title: Access policies of output ports
package dataproduct.lib.access

import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

# METADATA
# title: What a port says of its access policy, as a member or a custom property; null when it says nothing
declared(port) := policy if {
	policy := values.member(port.value, "accessPolicy")
	policy != null
} else := values.custom(port.value, "accessPolicy")

# METADATA
# title: Where it says so
path(port) := array.concat(port.path, ["accessPolicy"]) if {
	values.member(port.value, "accessPolicy") != null
} else := values.custom_path(port.path, port.value, "accessPolicy")

# METADATA
# title: The package of the policy without the root of rules, or an empty text
package_of(port) := trim_prefix(name, "rules.") if {
	policy := declared(port)
	name := _name(policy)
}

# METADATA
# title: What is known of the policy from the bundle's build and tests; empty when the bundle lacks it
# description: The build says it of the checkout's own rules; the vocabulary may add rules of other checkouts, and takes no own one's place.
evidence(name) := values.object_of(_built[name]) if {
	_built[name]
} else := values.map(vocabulary.setting("", "access_policies"), name)

default _built := {}

_built := data.dataproduct.access_policies if is_object(data.dataproduct.access_policies)

_name(policy) := values.text(policy, "package") if {
	is_object(policy)
} else := values.text_of(policy)
