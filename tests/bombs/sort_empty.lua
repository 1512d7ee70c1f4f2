-- expect: gas
return {
  main = function(lines, n)
    local t = {} while true do local u = sort(t) end
  end,
}
