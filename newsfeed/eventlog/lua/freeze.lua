-- Close a window of a channel: its fact, the public digest, the message to listeners and the ledger, in one step.
--
-- KEYS 1 windows (facts), 2 public digests, 3 cursor, 4.. ledger buckets, named by their index
-- ARGV id of the window, id of the window before or '0-0', JSON of the fact, public JSON or '' when skipped,
--      number of the newest digest, name of the Pub/Sub channel,
--      c, c * (field, value of the cursor),
--      d, d * (index of ledger bucket, article, value)
-- Reply {'OK'}
--     | {'STALE', id of the newest window}: somebody closed a window meanwhile, or the cursor is not there
--     | {'FOREIGN', id}: somebody else wrote to a stream of the channel, our id would not be above the last
--
-- Everything is checked before the first write, and nothing can fail after it: a script has no rollback.
local at = 0
local function arg() at = at + 1; return ARGV[at] end
local id, before, fact, public, number, listeners = arg(), arg(), arg(), arg(), arg(), arg()

local function newest(stream)
  local info = redis.pcall('XINFO', 'STREAM', stream)
  if not info.err then
    for i = 1, #info, 2 do
      if info[i] == 'last-generated-id' then return info[i + 1] end
    end
  end
  return '0-0'
end
local function above(a, b)
  local a_ms, a_n = string.match(a, '(%d+)-(%d+)')
  local b_ms, b_n = string.match(b, '(%d+)-(%d+)')
  if a_ms == b_ms then return tonumber(a_n) > tonumber(b_n) end
  return tonumber(a_ms) > tonumber(b_ms)
end

-- Without a cursor the ledger cannot be trusted, either: both are made anew first. A cursor of an older
-- window (from a backup, say) would make every publisher come too late for ever, so it has to go.
local last, known = newest(KEYS[1]), redis.call('HGET', KEYS[3], 'id') or '0-0'
if last ~= before or known ~= before then
  if known ~= last then redis.call('DEL', KEYS[3]) end
  return {'STALE', last}
end
if not above(id, last) then return {'FOREIGN', last} end
if public ~= '' and not above(id, newest(KEYS[2])) then return {'FOREIGN', newest(KEYS[2])} end

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
