# METADATA
# title: Senior administrators, with a reason
# description: |
#   Administrators of seniority 5 and above who write down why get past the rules for roles. Each such read is flagged
#   in the audit log.
# custom:
#   code: override.administrator
package rules.clinic.administrators

import data.lib.override

# METADATA
# title: An administrator reads past the rules for roles
permit contains {
	"code": "override.administrator",
	"title": "An administrator read past the rules for roles; the reason is in the context.",
	"audit": true,
} if {
	override.granted(input.user, input.context)
}
