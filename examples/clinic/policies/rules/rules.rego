# METADATA
# title: The clinic's access rules
# description: What input a rule may read.
# scope: subpackages
# schemas:
#   - input: schema.access.rule
package rules
