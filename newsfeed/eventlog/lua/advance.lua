-- Move a reader's checkpoint on, never back. KEYS 1 checkpoints; ARGV reader, position. Reply the checkpoint.
local known = tonumber(redis.call('HGET', KEYS[1], ARGV[1]) or '-1')
if tonumber(ARGV[2]) <= known then return known end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return tonumber(ARGV[2])
