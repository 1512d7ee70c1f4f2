-- expect: gas
return {
  main = function(lines, n)
    local function f(a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r) end while true do f(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16) end
  end,
}
