-- expect: gas
return {
  main = function(lines, n)
    local money, len, each = {}, {}, n while true do money.add = len len.x = money each = (each + 1) % 7 end
  end,
}
