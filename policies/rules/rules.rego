# METADATA
# title: Access rules
# description: |
#   One package a rule, rules.<domain>.<name>. This file only says what input every rule may read, so that
#   `opa check --schema` finds a misspelt field.
# scope: subpackages
# schemas:
#   - input: schema.access.rule
package rules
