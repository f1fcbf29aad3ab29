-- Take a free lease. KEYS 1 lease, 2 fence counter; ARGV owner, ttl in ms. Reply token, or '' when somebody holds it.
if redis.call('EXISTS', KEYS[1]) == 1 then return '' end
local token = string.format('%.0f', redis.call('INCR', KEYS[2]))
redis.call('SET', KEYS[1], ARGV[1] .. '|' .. token, 'PX', ARGV[2])
return token
