-- expect: gas
return {
  main = function(lines, n)
    local t = {n, n} while true do t[1] = t[1] * t[2] - t[1] * t[2] + n * n - -n - n end
  end,
}
