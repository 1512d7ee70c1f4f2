if true then
 local t = {1,
