-- expect: gas
return {
  main = function(lines, n)
    while true do local t = {x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,x=n,} end
  end,
}
