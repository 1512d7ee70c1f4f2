-- expect: argument
return {
  main = function(lines, n)
    local function by(a, b) return sort({b, a}, by) end local u = sort({2, 1}, by)
  end,
}
