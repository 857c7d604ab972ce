package test.rules.org.purpose

import data.rules.org.purpose
import data.test.inputs

missing := {{
	"code": "purpose.missing",
	"title": "Say in the context what the data is for, as the text \"purpose\".",
}}

test_any_text_is_a_purpose_the_empty_one_too if {
	every text in ["SALARY", "something else", ""] {
		given := inputs.of(inputs.eve, text)
		purpose.permit == {"purpose.stated"} with input as given
		purpose.deny == set() with input as given
	}
}

test_what_is_no_text_is_no_purpose if {
	every other in [null, true, 1, [], {}, ["SALARY"]] {
		given := inputs.of(inputs.alice, other)
		purpose.permit == set() with input as given
		purpose.deny == missing with input as given
	}
}

test_whatever_is_missing_denies if {
	every path in ["context", "context/purpose"] {
		given := inputs.without(inputs.of(inputs.alice, ""), path)
		purpose.permit == set() with input as given
		purpose.deny == missing with input as given
	}
	purpose.permit == set() with input as {}
	purpose.deny == missing with input as {}
}

test_the_declared_purposes_have_titles if {
	count(data.lib.purposes) > 0
	every declared in data.lib.purposes {
		is_string(declared.title)
		declared.title != ""
	}
}
