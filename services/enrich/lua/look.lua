-- What has something in common with an article, at one moment.
--
-- KEYS state, records, times, postings
-- ARGV article, its time (ms), window (ms), most others, most articles per name, then the names
-- Reply {sequence, filled|'', articles in all, record|'', {count of each name}, {record of each other}}
--
-- A posting is name, time (6 bytes, big endian), article: articles of one name lie in the order of their times.
-- Others share a band (a name that begins with b), or two names; those that share most come first.
local article, at, window = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local most, each = tonumber(ARGV[4]), tonumber(ARGV[5])
local function bytes(ms)
  local made = ''
  for _ = 1, 6 do made = string.char(ms % 256) .. made; ms = math.floor(ms / 256) end
  return made
end
local state = redis.call('HMGET', KEYS[1], 'sequence', 'filled', 'newest')
local horizon = math.max(0, tonumber(state[3] or '0') - window)
local from, through = bytes(math.max(horizon, at - window)), bytes(at + window + 1)
local counts, shared, found = {}, {}, {}
for i = 6, #ARGV do
  local name = ARGV[i]
  local low, high = '[' .. name .. from, '(' .. name .. through
  counts[#counts + 1] = redis.call('ZLEXCOUNT', KEYS[4], low, high)
  if counts[#counts] > 0 then
    local worth = string.sub(name, 1, 1) == 'b' and 1.5 or 1
    for _, posting in ipairs(redis.call('ZREVRANGEBYLEX', KEYS[4], high, low, 'LIMIT', 0, each)) do
      local id = string.sub(posting, #name + 7)
      if id ~= article then
        if not shared[id] then found[#found + 1] = id end
        local before = shared[id] or {0, 0}
        shared[id] = {before[1] + 1, before[2] + worth}
      end
    end
  end
end
local others = {}
for _, id in ipairs(found) do
  if shared[id][2] > 1 then others[#others + 1] = id end
end
table.sort(others, function(one, other)
  if shared[one][1] ~= shared[other][1] then return shared[one][1] > shared[other][1] end
  return one < other
end)
local records = {}
if #others > 0 then records = redis.call('HMGET', KEYS[2], unpack(others, 1, math.min(most, #others))) end
local known = redis.call('HGET', KEYS[2], article) or ''
local total = redis.call('ZCOUNT', KEYS[3], horizon, '+inf')
return {tonumber(state[1] or '0'), state[2] or '', total, known, counts, records}
