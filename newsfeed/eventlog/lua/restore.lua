-- Write what the windows of a channel say into its projections, unless a window was closed meanwhile.
--
-- KEYS 1 windows (facts), 2.. hashes, named by their index
-- ARGV id of the newest window that was folded, then (index of hash, field, value) until the end
-- Reply 1 | 0: there is a newer window; nothing was written
local info = redis.call('XINFO', 'STREAM', KEYS[1])
for i = 1, #info, 2 do
  if info[i] == 'last-generated-id' and info[i + 1] ~= ARGV[1] then return 0 end
end
for at = 2, #ARGV, 3 do
  redis.call('HSET', KEYS[tonumber(ARGV[at])], ARGV[at + 1], ARGV[at + 2])
end
return 1
