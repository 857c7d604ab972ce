# METADATA
# title: Only active accounts ask for data
# description: An account that is suspended, or whose state is not known, gets nothing.
# custom:
#   code: user.suspended
package rules.org.active

# METADATA
# title: The account is active
permit contains "user.active" if _active

# METADATA
# title: The account is not known to be active
deny contains {
	"code": "user.suspended",
	"title": "This account is suspended. Ask the administrator of the user directory to activate it.",
} if not _active

default _active := false

_active if input.user.active == true
