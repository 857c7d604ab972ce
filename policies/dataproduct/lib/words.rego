# METADATA
# title: Words in names
package dataproduct.lib.words

# METADATA
# title: The words of a name, each two neighbours as one, and all of them as one
# description: birthDate, birth_date and BIRTH-DATE all give birth, date and birthdate.
of(name) := ({word | some word in parts} | pairs) | {concat("", parts)} if {
	spaced := regex.replace(name, `([a-z0-9])([A-Z])`, `${1}_$2`)
	parts := [word | some word in split(replace(replace(replace(lower(spaced), "-", "_"), " ", "_"), ".", "_"), "_"); word != ""]
	pairs := {concat("", [parts[index], parts[index + 1]]) | some index, _ in parts}
}
