# METADATA
# title: Words in names
package dataproduct.lib.words

# METADATA
# title: The words of a name, each two neighbours as one, and all of them as one
# description: birthDate, birth_date and BIRTH-DATE all give birth, date and birthdate.
of(name) := ({word | some word in parts} | pairs) | {concat("", parts)} if {
	parts := [word | some word in split(_apart(name), "_"); word != ""]
	pairs := {concat("", [parts[index], parts[index + 1]]) | some index, _ in parts}
}

_apart(name) := strings.replace_n({"-": "_", " ": "_", ".": "_"}, lower(_humps(name)))

_humps(name) := name if {
	lower(name) == name
} else := regex.replace(name, `([a-z0-9])([A-Z])`, `${1}_$2`)
