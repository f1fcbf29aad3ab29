-- Take the right to ask an address to confirm, at most once in a span of time.
-- KEYS: 1 the invited (sorted set)
-- ARGV: 1 sha256 of the address, 2 now (ms), 3 the span (ms)
-- Reply: 1 for who may ask it now, 0 for who may not
local key, address, now, span = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local last = redis.call('ZSCORE', key, address)
if last and now - tonumber(last) < span then
  return 0
end
redis.call('ZREMRANGEBYSCORE', key, '-inf', now - span)
redis.call('ZADD', key, now, address)
return 1
