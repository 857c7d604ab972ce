# METADATA
# title: Files whose names end in 1 are for HR
# description: A leaf whose name, without its extension, ends in 1 shows itself to HR staff only.
# custom:
#   code: hr.first_resource
package rules.hr.first_resource

import data.lib.paths
import data.lib.users

# METADATA
# title: The leaf is for HR only
deny contains "hr.first_resource" if not _visible

default _visible := false

_visible if {
	users.has_role(input.user, "HR")
} else if {
	endswith(paths.stem(input.resource.id), "1") == false
}
