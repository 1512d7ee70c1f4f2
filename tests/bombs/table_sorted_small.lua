-- expect: gas
return {
  main = function(lines, n)
    local t = {a = 1} while true do for k in sorted_pairs(t) do end end
  end,
}
