-- "Ack these and append those": one partition, all or nothing. Redis >= 6.2, Cluster-safe.
--
-- KEYS 1 log, 2 tail {n, r}, 3 fence counter of the group, 4 dead letters of the group,
--      5.. head buckets and documents, named by their index
-- ARGV group or '', token,
--      k, k * position to acknowledge (ascending),
--      m, m * (index of head bucket, subject, expected version or -1, position of the cause or 0,
--              1 if it adds a version else 0, event id, JSON, d, d * (index of key, bytes)),
--      x, x * (position, JSON of the dead letter)
-- Reply {'OK', tail, position ...}  a position per event: negative = was there already, 0 = its cause was
--       acknowledged by somebody else
--     | {'FENCED', token} | {'FOREIGN', last id, tail id} | {'BEHIND', position}
--     | {'CONFLICT', index, version} | {'FORGOTTEN', index}
--
-- Everything is checked before the first write, and nothing can fail after it: a script has no rollback.
local at = 0
local function arg() at = at + 1; return ARGV[at] end
local function id(n) return string.format('0-%.0f', n) end
local function position(s) return tonumber(string.sub(s, 3)) end

local log, group, token = KEYS[1], arg(), arg()
if group ~= '' then
  local current = redis.call('GET', KEYS[3])
  if current ~= token then return {'FENCED', current or ''} end
end

-- The tail must be where we left it: XINFO's last-generated-id survives XDEL and trimming, XLEN does not.
local stored = redis.call('HMGET', KEYS[2], 'n', 'r')
local n, r = tonumber(stored[1] or '0'), tonumber(stored[2] or '0')
local info, last = redis.pcall('XINFO', 'STREAM', log), '0-0'
if not info.err then
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then last = info[i + 1] break end
  end
end
if last ~= id(n) then return {'FOREIGN', last, id(n)} end

-- Which inputs are still ours to acknowledge; and nothing older may be pending, or order is lost.
local k = tonumber(arg())
local live, acks = {}, {}
if k > 100 then return redis.error_reply('BATCH too large') end
if k > 0 then
  local mine, highest = {}, nil
  for i = 1, k do highest = id(tonumber(arg())); mine[highest] = true end
  for _, entry in ipairs(redis.call('XPENDING', log, group, '-', highest, k + 1)) do
    if not mine[entry[1]] then return {'BEHIND', position(entry[1])} end
    live[position(entry[1])] = true; acks[#acks + 1] = entry[1]
  end
end

-- Versions and duplicates. An article's events form a chain from its head: each entry names the
-- position of the one before, so "is it there already?" needs no set of ids and has no window.
local m = tonumber(arg())
if m > 100 then return redis.error_reply('BATCH too large') end
local heads, fresh, todo, out = {}, {}, {}, {'OK', 0}
local function entry_at(p)
  if fresh[p] then return fresh[p] end
  local found = redis.call('XRANGE', log, id(p), id(p))[1]
  if not found then return nil end
  local fields = {}
  for i = 1, #found[2], 2 do fields[found[2][i]] = found[2][i + 1] end
  return {e = fields.e, v = tonumber(fields.v), p = tonumber(fields.p)}
end
local next = n
for i = 1, m do
  local event = {head = KEYS[tonumber(arg())], subject = arg(), expected = tonumber(arg()), cause = tonumber(arg()),
                 adds = tonumber(arg()), id = arg(), json = arg(), documents = {}}
  for d = 1, tonumber(arg()) do event.documents[d] = {KEYS[tonumber(arg())], arg()} end
  if event.cause == 0 or k == 0 or live[event.cause] then
    local head = heads[event.subject]
    if not head then
      local v, p = string.match(redis.call('HGET', event.head, event.subject) or '0|0', '(%d+)|(%d+)')
      head = {v = tonumber(v), p = tonumber(p)}; heads[event.subject] = head
    end
    if event.expected > head.v then return {'CONFLICT', i, head.v} end
    local walk, duplicate = head.p, nil
    while walk > 0 do
      local entry = entry_at(walk)
      if not entry then return {'FORGOTTEN', i} end
      if (event.expected >= 0 and entry.v <= event.expected) or (event.expected < 0 and walk <= event.cause) then break end
      if entry.e == event.id then duplicate = walk break end
      walk = entry.p
    end
    if duplicate then out[i + 2] = -duplicate
    elseif event.expected >= 0 and event.expected ~= head.v then return {'CONFLICT', i, head.v}
    else
      next = next + 1
      event.n, event.v, event.p = next, head.v + event.adds, head.p
      fresh[next] = {e = event.id, v = event.v, p = event.p}
      head.v, head.p = event.v, next
      todo[#todo + 1] = event; out[i + 2] = next
    end
  else out[i + 2] = 0 end
end

-- Nothing was written so far; nothing below can fail. TIME is asked once: it moves inside a script.
local now = redis.call('TIME')
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
local iso = string.format('%04d-%02d-%02dT%02d:%02d:%02d.%06dZ', year, month, day,
  math.floor(sod / 3600), math.floor(sod / 60) % 60, sod % 60, us % 1000000)
for _, event in ipairs(todo) do
  local json = string.format('%s,"position":%.0f,"recorded_at":"%s"}', string.sub(event.json, 1, -2), event.n, iso)
  redis.call('XADD', log, id(event.n), 'e', event.id, 'v', event.v, 'p', string.format('%.0f', event.p), '__data__', json)
  redis.call('HSET', event.head, event.subject, string.format('%.0f|%.0f', event.v, event.n))
  for _, document in ipairs(event.documents) do redis.call('SETNX', document[1], document[2]) end
end
if #todo > 0 then
  redis.call('HSET', KEYS[2], 'n', string.format('%.0f', next), 'r', string.format('%.0f', us))
end
for _ = 1, tonumber(arg()) do
  local p, json = tonumber(arg()), arg()
  if live[p] then redis.call('HSET', KEYS[4], string.format('%.0f', p), json) end
end
-- Last: with memory full XADD refuses to start, XACK would not.
if #acks > 0 then redis.call('XACK', log, group, unpack(acks)) end
out[2] = next
return out
