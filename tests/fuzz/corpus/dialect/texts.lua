--[==[ ]] ]==] local a, b = [[
x]], "\z
   \"\x41\u{48}\065\
"
return {main = function() put(a, b, 'c') end}