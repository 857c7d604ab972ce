# METADATA
# title: Data is asked for with a purpose
# description: |
#   Any text is a purpose, the empty one too: what it opens is for the other rules to say. Declared purposes
#   and their titles are data.lib.purposes.
# custom:
#   code: purpose.missing
package rules.org.purpose

# METADATA
# title: A purpose is stated
permit contains "purpose.stated" if _stated

# METADATA
# title: No purpose is stated
deny contains {
	"code": "purpose.missing",
	"title": "Say in the context what the data is for, as the text \"purpose\".",
} if not _stated

default _stated := false

_stated if is_string(input.context.purpose)
