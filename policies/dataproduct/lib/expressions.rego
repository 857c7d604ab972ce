# METADATA
# title: Expressions of a product's policies
# description: |
#   A small language that is only ever read, never run as code. An expression is alternatives (`or`, `||`) of conditions
#   (`and`, `&&`) without parentheses. A condition is a name, one of `== != < <= > >=` or `in`, and a literal: a whole or decimal
#   number, `true`, `false`, a text in single or double quotes without quotes, `&`, `|`, or a list of texts and numbers in
#   brackets. Names, with the type of each, are those of the vocabulary's `expression_names`; order is for numbers only.
package dataproduct.lib.expressions

import data.dataproduct.lib.values
import data.dataproduct.lib.vocabulary

_condition := concat("", [
	`^\s*([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*)\s*(<=|>=|==|!=|<|>|\sin\s)\s*`,
	`(-?[0-9]{1,15}(?:\.[0-9]{1,9})?|true|false|'[^'"&|\\]*'|"[^'"&|\\]*"|\[[^\[\]'"&|\\]*(?:(?:'[^'"&|\\]*'|"[^'"&|\\]*")[^\[\]'"&|\\]*)*\])\s*$`,
])

_length_max := 1000

# METADATA
# title: What is wrong with an expression; empty when nothing is
problems(expression) := ["it is missing or no text"] if {
	values.text_of(expression) == ""
} else := ["it is longer than 1000 characters"] if {
	count(expression) > _length_max
} else := [problem |
	some text in _texts(expression)
	some problem in _condition_problems(text)
]

# METADATA
# title: The conditions of each alternative, as name, operator, literal
alternatives(expression) := [conditions |
	some alternative in _split(expression, `\s+or\s+|\|\|`)
	conditions := [condition |
		some text in _split(alternative, `\s+and\s+|&&`)
		condition := _parsed(text)
	]
] if {
	is_string(expression)
} else := []

# METADATA
# title: The longest time, in days, for which every alternative lets data be kept; null when one sets no limit
retention_days(expression) := max(limits) if {
	ways := alternatives(expression)
	limits := [min(bounds) |
		some conditions in ways
		bounds := [_number(condition.literal) |
			some condition in conditions
			condition.name == "retention_days"
			condition.operator in {"<=", "<", "=="}
			condition.type == "number"
		]
		count(bounds) > 0
	]
	count(ways) > 0
	count(limits) == count(ways)
} else := null

# METADATA
# title: Does any condition speak of a name?
default mentions(_, _) := false

mentions(expression, name) if {
	some conditions in alternatives(expression)
	some condition in conditions
	condition.name == name
}

_texts(expression) := [text |
	some alternative in _split(expression, `\s+or\s+|\|\|`)
	some text in _split(alternative, `\s+and\s+|&&`)
]

_split(text, pattern) := regex.split(pattern, text)

_parsed(text) := {"name": groups[1], "operator": trim_space(groups[2]), "literal": groups[3], "type": _type(groups[3])} if {
	groups := regex.find_all_string_submatch_n(_condition, text, 1)[0]
}

_condition_problems(text) := found if {
	condition := _parsed(text)
	found := [problem |
		some problem in [_name_problem(condition), _operator_problem(condition)]
		problem != ""
	]
} else := [sprintf("\"%s\" is no condition", [trim_space(text)])]

_name_problem(condition) := sprintf("the name %s is not known", [condition.name]) if {
	not _expected(condition.name)
} else := sprintf("%s is compared with a %s, and is a %s", [condition.name, condition.type, _expected(condition.name)]) if {
	condition.type != "list"
	condition.type != _expected(condition.name)
} else := ""

_operator_problem(condition) := "\"in\" needs a list, and only a list is for \"in\"" if {
	_is_in(condition.operator) != _is_list(condition.type)
} else := sprintf("%s orders numbers only", [condition.operator]) if {
	condition.operator in {"<", "<=", ">", ">="}
	condition.type != "number"
} else := ""

default _is_in(_) := false

_is_in("in")

default _is_list(_) := false

_is_list("list")

_expected(name) := type if {
	type := values.member(vocabulary.setting("", "expression_names"), name)
	is_string(type)
}

_type(literal) := "boolean" if {
	literal in {"true", "false"}
} else := "list" if {
	startswith(literal, "[")
} else := "number" if {
	regex.match(`^-?[0-9]`, literal)
} else := "string"

_number(literal) := to_number(literal) if regex.match(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?$`, literal)
