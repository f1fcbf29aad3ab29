-- Take what is due of a channel's deliveries: nobody else gets it until the lease is over.
--
-- KEYS 1 due, 2 states
-- ARGV now (ms), lease (ms), at most so many
-- Reply for each: member, fencing token, JSON of its state or ''
local taken = {}
for _, member in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])) do
  local token = redis.call('HINCRBY', KEYS[2], member .. ':token', 1)
  redis.call('ZADD', KEYS[1], ARGV[1] + ARGV[2], member)
  taken[#taken + 1] = {member, token, redis.call('HGET', KEYS[2], member) or ''}
end
return taken
