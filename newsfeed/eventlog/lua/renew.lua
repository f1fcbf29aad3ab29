-- Keep or (ttl 0) give back a lease. KEYS 1 lease; ARGV owner|token, ttl in ms. Reply 1 when it was still ours.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then redis.call('DEL', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 1
