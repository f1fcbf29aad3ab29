-- Close a window of a channel: its fact, the public digest, the message to listeners and the ledger, in one step.
--
-- KEYS 1 windows (facts), 2 public digests, 3 cursor, 4.. ledger buckets, named by their index
-- ARGV id of the window, id of the window before or '0-0', JSON of the fact, public JSON or '' when skipped,
--      number of the newest digest, name of the Pub/Sub channel,
--      c, c * (field, value of the cursor),
--      d, d * (index of ledger bucket, article, value)
-- Reply {'OK'} | {'STALE', id of the newest window}: somebody closed a window meanwhile; nothing was written
local at = 0
local function arg() at = at + 1; return ARGV[at] end
local id, before, fact, public, number, listeners = arg(), arg(), arg(), arg(), arg(), arg()

local info, last = redis.pcall('XINFO', 'STREAM', KEYS[1]), '0-0'
if not info.err then
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = info[i + 1] break end
  end
end
if last ~= before then return {'STALE', last} end

redis.call('XADD', KEYS[1], id, '__data__', fact)
if public ~= '' then
  redis.call('XADD', KEYS[2], id, 'number', number, '__data__', public)
end
redis.call('HSET', KEYS[3], 'id', id, 'number', number)
for _ = 1, tonumber(arg()) do
  local field, value = arg(), arg()
  redis.call('HSET', KEYS[3], field, value)
end
for _ = 1, tonumber(arg()) do
  local bucket, article, value = KEYS[tonumber(arg())], arg(), arg()
  redis.call('HSET', bucket, article, value)
end
if public ~= '' then redis.call('PUBLISH', listeners, public) end
return {'OK'}
