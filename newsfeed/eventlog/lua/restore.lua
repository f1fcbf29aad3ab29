-- Write what the windows of a channel say into its projections, unless a window was closed meanwhile, or what
-- was written so far was dropped: whoever rebuilds puts a mark into the cursor, which goes with it.
--
-- KEYS 1 windows (facts), 2 cursor, 3.. hashes, named by their index
-- ARGV id of the newest window that was folded, mark, '1' if this is the last of it,
--      then (index of hash, field, value) until the end
-- Reply 1 | 0: there is a newer window, or another mark; nothing was written
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' and info[i + 1] ~= ARGV[1] then return 0 end
end
if redis.call('HGET', KEYS[2], 'rebuilding') ~= ARGV[2] then return 0 end
for at = 4, #ARGV, 3 do
  redis.call('HSET', KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2])
end
if ARGV[3] == '1' then redis.call('HDEL', KEYS[2], 'rebuilding') end
return 1
