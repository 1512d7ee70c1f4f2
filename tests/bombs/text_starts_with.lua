-- expect: gas
return {
  main = function(lines, n)
    local s = "a" for i = 1, 12 do s = s .. s end while true do local v = str.starts_with(s, s) and str.ends_with(s, s) end
  end,
}
