-- expect: gas
return {
  main = function(lines, n)
    local t = {1} while t[1] == 1 and (t[1] ~= 2 or t[1] ~= 3) do end
  end,
}
