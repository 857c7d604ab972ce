package test.lib.paths

import data.lib.paths

test_the_stem_is_the_name_without_its_last_extension if {
	every id, stem in {
		"file:/data/hr/employee_file1.avro": "employee_file1",
		"file:/data/hr/a.b.avro": "a.b",
		"file:/data/hr/plain1": "plain1",
		"file:/data.1/plain": "plain",
		"file:/data/.hidden": "",
		"name": "name",
	} {
		paths.stem(id) == stem
	}
}

test_a_folder_has_no_stem if {
	not paths.stem("file:/data/hr/")
	not paths.stem("")
}

test_what_is_no_text_has_no_stem if {
	every id in [null, true, 1, [], {}, ["a/b"]] {
		not paths.stem(id)
	}
}
