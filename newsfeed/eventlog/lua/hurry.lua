-- Make members due now that wait for a later time, each only if it still waits for the time that was seen.
--
-- KEYS 1 due
-- ARGV now (ms), then (member, when it was seen to be due) until the end
-- Reply how many are due now
local count = 0
for at = 2, #ARGV, 2 do
  local due = redis.call('ZSCORE', KEYS[1], ARGV[at])
  if due and tonumber(due) == tonumber(ARGV[at + 1]) then
    redis.call('ZADD', KEYS[1], ARGV[1], ARGV[at])
    count = count + 1
  end
end
return count
