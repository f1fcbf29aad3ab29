-- From which position on subjects are parked. KEYS 1 subjects of the dead letters; ARGV subjects.
-- Reply {} when nobody is parked, else for each subject the position of its oldest dead letter, or 0.
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
local positions = {}
for i, subject in ipairs(ARGV) do
  -- '}' is the character after '|'.
  local oldest = redis.call('ZRANGEBYLEX', KEYS[1], '[' .. subject .. '|', '(' .. subject .. '}', 'LIMIT', 0, 1)[1]
  positions[i] = oldest and tonumber(string.sub(oldest, #subject + 2)) or 0
end
return positions
