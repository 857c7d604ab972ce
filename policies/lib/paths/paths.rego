# METADATA
# title: Parts of a resource id
package lib.paths

# The last segment without its extension; undefined for what is no string or a folder.
stem(id) := concat(".", array.slice(parts, 0, max([1, count(parts) - 1]))) if {
	segments := split(id, "/")
	name := segments[count(segments) - 1]
	name != ""
	parts := split(name, ".")
}
