-- Take dead letters away, oldest first: their events are pending again in their old places, or are forgotten.
--
-- KEYS 1 log, 2 dead letters, 3 their positions, 4 their subjects (all of the group)
-- ARGV group, consumer that gets the events back or '' to forget them, subject or '' for every letter,
--      position after which to begin and position at which to end (16 digits each), at most so many letters
-- Reply {last position looked at or 0, how many were looked at, how many were taken, position ...}
--       the positions are kept, because their events were trimmed from the log
--
-- All three keys change together with the pending list: a letter is either here or pending, never both or neither.
local call = redis.call
local log, group, consumer, subject = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local limit = tonumber(ARGV[6])
if limit > 1000 then return redis.error_reply('BATCH too large') end

local positions, members = {}, {}
if subject == '' then
  positions = call('ZRANGEBYSCORE', KEYS[3], '(' .. ARGV[4], ARGV[5], 'LIMIT', 0, limit)
else
  local chain = subject .. '|'
  for i, member in ipairs(call('ZRANGEBYLEX', KEYS[4], '(' .. chain .. ARGV[4], '[' .. chain .. ARGV[5], 'LIMIT', 0, limit)) do
    members[i] = member
    positions[i] = tostring(tonumber(string.sub(member, #chain + 1)))
  end
end
if #positions == 0 then return {0, 0, 0} end

local letters = subject == '' and call('HMGET', KEYS[2], unpack(positions))
local reply, ids, taken, parked = {tonumber(positions[#positions]), #positions, 0}, {}, {}, {}
for i, position in ipairs(positions) do
  local id = '0-' .. position
  if consumer ~= '' and #call('XRANGE', log, id, id) == 0 then
    reply[#reply + 1] = tonumber(position)
  else
    ids[#ids + 1], taken[#taken + 1] = id, position
    local of = letters and letters[i] and cjson.decode(letters[i]).subject
    if members[i] then parked[#parked + 1] = members[i]
    elseif type(of) == 'string' then parked[#parked + 1] = string.format('%s|%016d', of, position) end
  end
end
reply[3] = #taken
if #taken == 0 then return reply end

-- Nothing was written so far. The claim is first: it fails where the group is gone, the others cannot.
-- A delivery count of 0 tells the consumer that these were requeued.
if consumer ~= '' then
  local claim = {log, group, consumer, 0}
  for _, id in ipairs(ids) do claim[#claim + 1] = id end
  for _, option in ipairs({'IDLE', 0, 'RETRYCOUNT', 0, 'FORCE', 'JUSTID'}) do claim[#claim + 1] = option end
  call('XCLAIM', unpack(claim))
end
call('HDEL', KEYS[2], unpack(taken))
call('ZREM', KEYS[3], unpack(taken))
if #parked > 0 then call('ZREM', KEYS[4], unpack(parked)) end
return reply
