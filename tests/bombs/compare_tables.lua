-- expect: error
return {
  main = function(lines, n)
    local a, b = {}, {} while a < b do end
  end,
}
