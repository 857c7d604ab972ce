# METADATA
# title: Only active members of staff ask for data
# description: An account that is suspended, or whose state is not known, gets nothing; no override changes that.
# custom:
#   code: staff.suspended
package rules.org.active

# METADATA
# title: The account is active
permit contains "staff.active" if _active

# METADATA
# title: The account is not known to be active
deny contains {
	"code": "staff.suspended",
	"title": "This account is not active. Ask the clinic's service desk.",
} if not _active

default _active := false

_active if input.user.active == true
