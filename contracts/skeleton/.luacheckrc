-- What a contract can reach, and nothing else; tests have their own beside it.
std = {read_globals = {@GLOBALS@}}
files["tests/*.lua"] = {read_globals = {@TEST_GLOBALS@}}
files["*.meta.lua"] = {ignore = {".*"}}
unused_args = false
max_line_length = 120
