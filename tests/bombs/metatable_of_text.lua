-- expect: refused
return {
  main = function(lines, n)
    getmetatable('').__index = function() end
  end,
}
