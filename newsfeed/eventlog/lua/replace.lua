-- Replace a hash of a channel by what its windows say, unless a window was closed meanwhile. Readers see the one
-- or the other, never something between.
--
-- KEYS 1 windows (facts), 2 hash
-- ARGV id of the newest window that was folded, then (field, value) until the end
-- Reply {what stood there: field, value ...} | nil: there is a newer window; nothing was written
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' and info[i + 1] ~= ARGV[1] then return false end
end
local before = redis.call('HGETALL', KEYS[2])
-- First set, then remove: with memory full HSET refuses to start, HDEL would not.
local now = {}
for at = 2, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[at], ARGV[at + 1])
  now[ARGV[at]] = true
end
for at = 1, #before, 2 do
  if not now[before[at]] then redis.call('HDEL', KEYS[2], before[at]) end
end
return before
