-- expect: gas
return {
  main = function(lines, n)
    local t = {} while true do for v in each(t) do end end
  end,
}
