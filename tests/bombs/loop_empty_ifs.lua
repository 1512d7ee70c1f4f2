-- expect: gas
return {
  main = function(lines, n)
    local x = n while true do if x == 1 then elseif x == 2 then elseif x == 3 then else end end
  end,
}
