# METADATA
# title: Reading documents whose shape nobody vouches for
# description: |
#   Every function is total: what is missing, null or of another type becomes an empty value that a rule can
#   find wanting, never undefined, which would hide the rule.
package dataproduct.lib.values

# METADATA
# title: A list, or an empty one
array_of(value) := value if {
	is_array(value)
} else := []

# METADATA
# title: An object, or an empty one
object_of(value) := value if {
	is_object(value)
} else := {}

# METADATA
# title: A text without blanks around it, or an empty one
text_of(value) := trim_space(value) if {
	is_string(value)
} else := ""

# METADATA
# title: A number, or the one given
number_or(value, otherwise) := value if {
	is_number(value)
} else := otherwise

# METADATA
# title: A member of what may be an object, or null
member(value, key) := object.get(value, key, null) if {
	is_object(value)
} else := null

# METADATA
# title: A member that is a list, or an empty list
list(value, key) := array_of(member(value, key))

# METADATA
# title: A member that is an object, or an empty object
map(value, key) := object_of(member(value, key))

# METADATA
# title: A member that is a text, or an empty text
text(value, key) := text_of(member(value, key))

# METADATA
# title: The texts in a list, or one text as a set
texts(value) := {text_of(item) | some item in value; text_of(item) != ""} if {
	is_array(value)
} else := {trim_space(value)} if {
	is_string(value)
	trim_space(value) != ""
} else := set()

# METADATA
# title: How an item of a list is called in a message
label(value, index) := concat("", [`"`, _called(value), `"`]) if {
	_called(value) != ""
} else := concat(" ", ["number", format_int(index + 1, 10)])

_called(value) := name if {
	name := text(value, "name")
	name != ""
} else := names[0] if {
	names := [name | some key in ["id", "property", "role", "server", "username"]; name := text(value, key); name != ""]
} else := ""

# METADATA
# title: The value of a custom property, or null
# description: The first of that name counts.
custom(value, key) := found if {
	entries := list(value, "customProperties")
	values := [member(entry, "value") | some entry in entries; member(entry, "property") == key]
	found := values[0]
} else := null

# METADATA
# title: Where a custom property stands, or the place of its holder
custom_path(base, value, key) := found if {
	entries := list(value, "customProperties")
	places := [index | some index, entry in entries; member(entry, "property") == key]
	found := array.concat(base, ["customProperties", places[0], "value"])
} else := base
