-- Hold on to deliveries that were claimed, until a later time.
--
-- KEYS 1 due, 2 states
-- ARGV until (ms), then for each: member, fencing token
-- Reply: how many are still held. What was settled meanwhile, or taken by somebody else, is left alone.
local held = 0
for at = 2, #ARGV, 2 do
  if redis.call('HGET', KEYS[2], ARGV[at] .. ':token') == ARGV[at + 1] then
    redis.call('ZADD', KEYS[1], 'XX', ARGV[1], ARGV[at])
    held = held + 1
  end
end
return held
