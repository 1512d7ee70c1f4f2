-- expect: refused
return {
  main = function(lines, n)
    local v = string.find("aaaaaaaaaaaaaaaaaaaaaaaa", ".-.-.-.-b")
  end,
}
