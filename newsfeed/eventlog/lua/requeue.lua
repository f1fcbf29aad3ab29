-- Bring a dead letter back: it is pending again for the partition's consumer, in its old place.
-- KEYS 1 log, 2 dead letters; ARGV group, consumer, position. Reply 1, or 0 when there is no such dead letter,
-- or -1 when its event was trimmed from the log.
if redis.call('HEXISTS', KEYS[2], ARGV[3]) == 0 then return 0 end
local id = '0-' .. ARGV[3]
if #redis.call('XRANGE', KEYS[1], id, id) == 0 then return -1 end
redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, id, 'IDLE', 0, 'RETRYCOUNT', 0, 'FORCE', 'JUSTID')
redis.call('HDEL', KEYS[2], ARGV[3])
return 1
