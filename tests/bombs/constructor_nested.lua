-- expect: gas
return {
  main = function(lines, n)
    while true do local t = {{{{{{{{{{{{{{{{{{{{{{{{{}}}}}}}}}}}}}}}}}}}}}}}}} end
  end,
}
