return {
  main = function(
    lines
  )
    local x = {
      function()
        return 1
      end,
      lines
        [1]
        .charge
    }
  end
}
