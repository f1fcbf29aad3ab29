-- Say what became of a delivery, and what is to be done of its member next, in one step.
--
-- KEYS 1 due, 2 states, 3 facts, 4 public digests, 5 parked deliveries
-- ARGV member, fencing token, JSON of the fact or '', JSON of the next state or '' for none, when it is due (ms)
--      or '' for never, a member that goes on beside it or '', JSON of its state, when it is due (ms),
--      id of the newest digest that was seen or '', the time now (ms),
--      the delivery if this parks it or '', the delivery if this ends it well or ''
-- Reply 1; 0 when somebody else took it meanwhile: then nothing was written.
--
-- Who is to rest does not if a digest came out since: the one who told of it found the member held by us.
-- A token is never given twice to a member that has a state: who was late once stays late. It is used up here,
-- so that whoever holds on to the claim a moment longer does not move what comes next.
if redis.call('HGET', KEYS[2], ARGV[1] .. ':token') ~= ARGV[2] then return 0 end
if ARGV[3] ~= '' then redis.call('XADD', KEYS[3], '*', '__data__', ARGV[3]) end
if ARGV[4] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[4])
  redis.call('HINCRBY', KEYS[2], ARGV[1] .. ':token', 1)
else
  redis.call('HDEL', KEYS[2], ARGV[1], ARGV[1] .. ':token')
end
local due = ARGV[5]
if due == '' and ARGV[9] ~= '' then
  local newest = redis.call('XREVRANGE', KEYS[4], '+', '-', 'COUNT', 1)[1]
  if newest and newest[1] ~= ARGV[9] then due = ARGV[10] end
end
if due ~= '' then redis.call('ZADD', KEYS[1], due, ARGV[1]) else redis.call('ZREM', KEYS[1], ARGV[1]) end
if ARGV[11] ~= '' then redis.call('ZADD', KEYS[5], ARGV[10], ARGV[11]) end
if ARGV[12] ~= '' then redis.call('ZREM', KEYS[5], ARGV[12]) end
if ARGV[6] ~= '' then
  redis.call('HSET', KEYS[2], ARGV[6], ARGV[7])
  redis.call('ZADD', KEYS[1], ARGV[8], ARGV[6])
end
return 1
