-- expect: gas
return {
  main = function(lines, n)
    local s = "0123456789" while true do local t = s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s .. s end
  end,
}
