-- What a contract can reach, and nothing else.
std = {read_globals = {@GLOBALS@}}
files["api.meta.lua"] = {ignore = {".*"}}
unused_args = false
max_line_length = 120
