-- expect: gas
return {
  main = function(lines, n)
    local s = 'abcdefgh' while true do local v = str.sub(s, 9223372036854775807, 9223372036854775807) .. str.sub(s, 1, 9223372036854775807) end
  end,
}
