-- Put an article in the place of its record before, if nothing changed that its writer would have looked at.
--
-- KEYS state, records, names, times, postings, touched
-- ARGV sequence that was seen, article, its mark (9 bytes), its time (ms), record, window (ms),
--      gone (1|0), most articles forgotten at once, most names remembered as touched, then the names (9 bytes each)
-- Reply 1 | 0: look again; nothing was written
--
-- touched tells for the names that changed last when that was; what is older than all of them is below the floor.
-- An article that is gone leaves nothing, so whoever looked before it went must look again.
-- The first write is one that Redis refuses when its memory is full; later ones are then not reached.
local seen, article, mark = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local at, record, window, gone = tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6]), ARGV[7] == '1'
local SIZE = 9
local function bytes(ms)
  local made = ''
  for _ = 1, 6 do made = string.char(ms % 256) .. made; ms = math.floor(ms / 256) end
  return made
end
local state = redis.call('HMGET', KEYS[1], 'sequence', 'newest', 'floor')
local sequence, newest, floor = tonumber(state[1] or '0'), tonumber(state[2] or '0'), tonumber(state[3] or '0')
if seen > sequence or seen < floor then return 0 end
for i = 10, #ARGV do
  if tonumber(redis.call('ZSCORE', KEYS[6], ARGV[i]) or '0') > seen then return 0 end
end
if tonumber(redis.call('ZSCORE', KEYS[6], mark) or '0') > seen then return 0 end

sequence = sequence + 1
newest = math.max(newest, at)
redis.call('HSET', KEYS[1], 'sequence', string.format('%.0f', sequence), 'newest', string.format('%.0f', newest))
local function leave(id, forget)
  local names, when = redis.call('HGET', KEYS[3], id), redis.call('ZSCORE', KEYS[4], id)
  if names and when then
    local suffix = bytes(tonumber(when)) .. id
    for i = 1, #names, SIZE do
      local name = string.sub(names, i, i + SIZE - 1)
      redis.call('ZREM', KEYS[5], name .. suffix)
      if forget then redis.call('ZREM', KEYS[6], name) end
    end
  end
  redis.call('HDEL', KEYS[2], id)
  redis.call('HDEL', KEYS[3], id)
  redis.call('ZREM', KEYS[4], id)
end
leave(article, gone)
if gone then redis.call('HSET', KEYS[1], 'floor', string.format('%.0f', sequence)) end
if at >= newest - window then
  redis.call('HSET', KEYS[2], article, record)
  redis.call('ZADD', KEYS[4], string.format('%.0f', at), article)
  local suffix, packed = bytes(at) .. article, {}
  for i = 10, #ARGV do
    redis.call('ZADD', KEYS[5], 0, ARGV[i] .. suffix)
    redis.call('ZADD', KEYS[6], sequence, ARGV[i])
    packed[#packed + 1] = ARGV[i]
  end
  if #packed > 0 then redis.call('HSET', KEYS[3], article, table.concat(packed)) end
end
redis.call('ZADD', KEYS[6], sequence, mark)
local limit = string.format('(%.0f', newest - window)
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[4], '-inf', limit, 'LIMIT', 0, tonumber(ARGV[8]))) do
  leave(id, false)
end
local surplus = redis.call('ZCARD', KEYS[6]) - tonumber(ARGV[9])
if surplus > 0 then
  local last = redis.call('ZRANGE', KEYS[6], surplus - 1, surplus - 1, 'WITHSCORES')
  redis.call('ZREMRANGEBYRANK', KEYS[6], 0, surplus - 1)
  redis.call('HSET', KEYS[1], 'floor', string.format('%.0f', math.max(floor, tonumber(last[2]), gone and sequence or 0)))
end
return 1
