-- expect: gas
return {
  main = function(lines, n)
    local t = {} t.t = t while true do t = t.t.t.t.t end
  end,
}
