-- "Ack these and append those": one partition, all or nothing. Redis >= 6.2, Cluster-safe.
--
-- KEYS 1 log, 2 tail {n, r}, 3 fence counter, 4 dead letters, 5 their positions, 6 their subjects (all of the group),
--      7.. head buckets and documents, named by their index
-- ARGV group or '', token, a position that the writer saw in the log or 0, the event id that it saw there,
--      k, m, x,
--      k * position to acknowledge (ascending),
--      m * (index of head bucket, subject, expected version, 1 if it adds a version else 0,
--           position at or below which the event cannot stand, position of its cause or 0, event id,
--           JSON without its closing brace, d, e, d * (index of key, bytes), e * index of key to erase),
--      x * (position, JSON of the dead letter, subject|position or '')
--      An expected version is the exact one, or -1 any, -2 the subject exists, -3 it does not.
-- Reply {'OK', tail, position ...}  a position per event: negative = was there already, 0 = its cause was
--       acknowledged by somebody else
--     | {'FENCED', token} | {'LOST', tail id, seen id} | {'FOREIGN', last id, tail id} | {'BEHIND', position}
--     | {'CONFLICT', index, version, position, event id or ''}  what the log holds of the subject
--     | {'FORGOTTEN', index, position}  where the subject's history leaves the log: it was trimmed
--
-- Everything is checked before the first write, and nothing can fail after it: a script has no rollback.
-- Numbers up to 10^14 are the same in Lua's own text, which is faster than string.format.
local call = redis.call
local log, group = KEYS[1], ARGV[1]
local k, m, x = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
if k > 100 or m > 100 or x > 100 then return redis.error_reply('BATCH too large') end
if group ~= '' then
  local current = call('GET', KEYS[3])
  if current ~= ARGV[2] then return {'FENCED', current or ''} end
end

local function fields_at(position)
  local found = call('XRANGE', log, '0-' .. position, '0-' .. position)[1]
  if not found then return nil end
  local fields = {}
  for i = 1, #found[2], 2 do fields[found[2][i]] = found[2][i + 1] end
  return fields
end

-- The tail must not be behind what this writer saw, nor hold something else there: a failover loses it silently.
local stored = call('HMGET', KEYS[2], 'n', 'r')
local n, r = tonumber(stored[1] or '0'), tonumber(stored[2] or '0')
local seen = tonumber(ARGV[3])
if seen > n then return {'LOST', '0-' .. n, '0-' .. seen} end
if seen > 0 then
  local there = fields_at(seen)
  if there and there.e ~= ARGV[4] then return {'LOST', '0-' .. n, '0-' .. seen} end
end
-- And it must be where we left it: XINFO's last-generated-id survives XDEL and trimming, XLEN does not.
local info, last = redis.pcall('XINFO', 'STREAM', log), '0-0'
if not info.err then
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = info[i + 1] break end
  end
end
if last ~= '0-' .. n then return {'FOREIGN', last, '0-' .. n} end

-- Which inputs are still ours to acknowledge; and nothing older may be pending, or order is lost.
local at = 7
local live, acks = {}, {}
if k > 0 then
  local mine, highest = {}, nil
  for i = 1, k do highest = '0-' .. ARGV[at + i]; mine[highest] = true end
  for _, entry in ipairs(call('XPENDING', log, group, '-', highest, k + 1)) do
    local position = tonumber(string.sub(entry[1], 3))
    if not mine[entry[1]] then return {'BEHIND', position} end
    live[position] = true; acks[#acks + 1] = entry[1]
  end
  at = at + k
end

-- Versions and duplicates. A subject's events form a chain from its head: each entry names the position
-- of the one before, so "is it there already?" needs no set of ids and has no window.
-- What is known of each subject, and what is to be written, stands in arrays: a table for each would cost as
-- much as the append. Event j of those to be written gets the position n + j.
local number_of, head_v, head_p, head_z, subjects = {}, {}, {}, {}, 0
local event_at, event_v, event_p, event_z, event_hidden, events = {}, {}, {}, {}, {}, 0
local out = {'OK', 0}
local function chained(position)
  local j = position - n
  if j > 0 then return ARGV[event_at[j] + 7], event_v[j], event_p[j] end
  local fields = fields_at(position)
  if fields then return fields.e, tonumber(fields.v), tonumber(fields.p) end
end
for i = 1, m do
  local subject, expected, cause = ARGV[at + 2], tonumber(ARGV[at + 3]), tonumber(ARGV[at + 6])
  if cause == 0 or k == 0 or live[cause] then
    local s = number_of[subject]
    if not s then
      subjects = subjects + 1
      s = subjects
      number_of[subject] = s
      local head = call('HGET', KEYS[tonumber(ARGV[at + 1])], subject)
      if head then
        local v, p, z = string.match(head, '(%d+)|(%d+)|?(%d*)')
        head_v[s], head_p[s], head_z[s] = tonumber(v), tonumber(p), tonumber(z) or 0
      else
        head_v[s], head_p[s], head_z[s] = 0, 0, 0
      end
    end
    local adds, id, version, position = tonumber(ARGV[at + 4]), ARGV[at + 7], head_v[s], head_p[s]
    -- An equal event has at least this version: below it there is nothing to look for.
    local least, duplicate = expected >= 0 and expected + adds or 0, nil
    if position > 0 and version >= least then
      local walk, stop = position, tonumber(ARGV[at + 5])
      while walk > stop do
        local e, v, p = chained(walk)
        if not e then return {'FORGOTTEN', i, walk} end
        if v < least then break end
        if e == id then duplicate = walk break end
        walk = p
      end
    end
    if duplicate then out[i + 2] = -duplicate
    elseif (expected >= 0 and expected ~= version) or (expected == -2 and position == 0)
      or (expected == -3 and position > 0) then
      return {'CONFLICT', i, version, position, position > 0 and chained(position) or ''}
    else
      events = events + 1
      event_at[events], event_v[events], event_p[events] = at, version + adds, position
      event_z[events] = ARGV[at + 10] ~= '0' and n + events or head_z[s]
      event_hidden[events] = cause > 0 and cause <= head_z[s]
      head_v[s], head_p[s], head_z[s] = version + adds, n + events, event_z[events]
      out[i + 2] = n + events
    end
  else out[i + 2] = 0 end
  at = at + 10 + 2 * ARGV[at + 9] + ARGV[at + 10]
end

-- Nothing was written so far; nothing below can fail. TIME is asked once: it moves inside a script.
local now = call('TIME')
local us = now[1] * 1000000 + now[2]
if us < r then us = r end
-- Civil date of a Unix time, after Howard Hinnant's days algorithms (public domain).
local s = math.floor(us / 1000000)
local z = math.floor(s / 86400) + 719468
local era = math.floor(z / 146097)
local doe = z - era * 146097
local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
local mp = math.floor((5 * doy + 2) / 153)
local month = mp < 10 and mp + 3 or mp - 9
local year = yoe + era * 400 + (month <= 2 and 1 or 0)
local day = doy - math.floor((153 * mp + 2) / 5) + 1
local sod = s % 86400
local recorded = string.format(',"recorded_at":"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ"}', year, month, day,
  math.floor(sod / 3600), math.floor(sod / 60) % 60, sod % 60, us % 1000000)
for j = 1, events do
  local at, position, z = event_at[j], n + j, event_z[j]
  call('XADD', log, '0-' .. position, 'e', ARGV[at + 7], 'v', event_v[j], 'p', event_p[j],
    '__data__', ARGV[at + 8] .. ',"position":' .. position .. recorded)
  call('HSET', KEYS[tonumber(ARGV[at + 1])], ARGV[at + 2],
    z > 0 and event_v[j] .. '|' .. position .. '|' .. z or event_v[j] .. '|' .. position)
  local document = at + 10
  for _ = 1, ARGV[at + 9] do
    -- What derives from a text that was erased meanwhile must not bring it back.
    if not event_hidden[j] then call('SETNX', KEYS[tonumber(ARGV[document + 1])], ARGV[document + 2]) end
    document = document + 2
  end
  for i = 1, ARGV[at + 10] do call('SET', KEYS[tonumber(ARGV[document + i])], '') end
end
if events > 0 then call('HSET', KEYS[2], 'n', n + events, 'r', string.format('%.0f', us)) end
for _ = 1, x do
  local position, json, member = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]
  if live[tonumber(position)] then
    call('HSET', KEYS[4], position, json)
    call('ZADD', KEYS[5], position, position)
    if member ~= '' then call('ZADD', KEYS[6], 0, member) end
  end
  at = at + 3
end
-- Last: with memory full XADD refuses to start, XACK would not.
if #acks > 0 then call('XACK', log, group, unpack(acks)) end
out[2] = n + events
return out
