# METADATA
# title: Weakening needs a recorded approval
# description: |
#   Against the base: a classification (of field, object, document or port) that goes down or away, a category or mask that is gone or
#   weaker, a longer retention, a lower service level, an approver, policy, access policy or quality rule that is gone or changed,
#   access that is wider (a new role, more rights), another region, encryption or security that is given up, more use by AI, a waiver
#   that expires later. Numbers and lists are compared by direction; what gets stricter needs no approval.
# custom:
#   id: CHG-02
#   severity: error
#   scope: change
#   regulation: ["GDPR 5(2)", "GDPR 24", "GDPR 25"]
#   remedy: Take the change back, or record an approval (kind Approvals) with rule, product, path, from, to, approvedBy, role, ticket and date.
package dataproduct.rules.chg_02

import data.dataproduct.lib.changes
import data.dataproduct.lib.meta as metadata
import data.dataproduct.lib.weakened

meta := metadata.of(rego.metadata.chain())

default applies := false

applies if changes.present

deny contains {"file": found.item.file, "path": found.path, "msg": msg} if {
	some found in weakened.all
	not changes.approved("CHG-02", found.item, found.path, found.from, found.to)
	msg := sprintf("%s goes from %v to %v, which weakens what was promised and has no recorded approval.", [found.what, found.from, found.to])
}
