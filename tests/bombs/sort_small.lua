-- expect: gas
return {
  main = function(lines, n)
    local t = {2, 1} while true do local u = sort(t) end
  end,
}
