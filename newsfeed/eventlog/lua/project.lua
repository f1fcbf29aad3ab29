-- Write fields of some hashes in one step, if others still are what the writer read. One partition, or one key.
--
-- KEYS hashes, named by their index
-- ARGV g, g * (index of hash, field, value that it must have; '' for a field that is not there),
--      w, w * (index of hash, field, value),
--      then (index of hash, field) to remove, until the end
-- Reply 1 | 0: something else stands there by now; nothing was written
--
-- A projector guards its checkpoint: whoever read the same one first is the only one who writes. Values come
-- first and removals last: with memory full HSET refuses to start, HDEL would not.
local at = 0
local function arg() at = at + 1; return ARGV[at] end
for _ = 1, tonumber(arg()) do
  local hash, field, expected = KEYS[tonumber(arg())], arg(), arg()
  if (redis.call('HGET', hash, field) or '') ~= expected then return 0 end
end
for _ = 1, tonumber(arg()) do
  local hash, field, value = KEYS[tonumber(arg())], arg(), arg()
  redis.call('HSET', hash, field, value)
end
while at < #ARGV do
  local hash, field = KEYS[tonumber(arg())], arg()
  redis.call('HDEL', hash, field)
end
return 1
