-- Looks up texts that were never hashed: a nanosecond a byte, which nothing but the making of the text pays.
local L = 'a' for i = 1, 12 do L = L .. L end
return { main = function(claim, member)
local w, q, m = {1}, {a=1}, str.sub(L, 1, 2000) .. 'b'
while true do local v = w[(m .. 'x')] end
end }
