-- expect: gas
return {
  main = function(lines, n)
    local l = lines[1] while true do l:adjust("PR", 1) end
  end,
}
