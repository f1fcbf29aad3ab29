-- Trim what nobody needs any more, as far as every reader allows; the floor is found and applied in one step.
--
-- KEYS 1 log, 2 tail {n, r}, 3 checkpoints, 4.. dead letters by position of the groups in ARGV, in their order
-- ARGV the most entries of this call, 1 for a dry run else 0, a position that is not passed in any case or '',
--      g, g * group: all that there are, and those that must be; then every checkpoint that must be there
-- Reply {'OK', trimmed, floor, holder}  the floor is the last position that may go, the holder who wants the next
--     | {'UNKNOWN', what}  something that must be known is not; nothing was trimmed
--
-- Redis 6.2 tells no lag; ids that are positions need none.
local call = redis.call
local log = KEYS[1]
local limit, dry, bound, g = tonumber(ARGV[1]), ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])

local function position_of(id) return tonumber(string.match(id, '^0%-(%d+)$')) end
local function fields(flat)
  local found = {}
  for i = 1, #flat, 2 do found[flat[i]] = flat[i + 1] end
  return found
end

-- A log that ends elsewhere than its tail says is damaged: nothing of it may go.
local info = redis.pcall('XINFO', 'STREAM', log)
if info.err then return {'UNKNOWN', 'the log'} end
local n = tonumber(call('HGET', KEYS[2], 'n') or '0')
if fields(info)['last-generated-id'] ~= '0-' .. n then return {'UNKNOWN', 'the tail'} end

local floor, holder
local function hold(position, name)
  if not floor or position < floor then floor, holder = position, name end
end

local checkpoints = fields(call('HGETALL', KEYS[3]))
local expected = {'archive'}
for i = 5 + g, #ARGV do expected[#expected + 1] = ARGV[i] end
for _, reader in ipairs(expected) do
  if not checkpoints[reader] then return {'UNKNOWN', 'checkpoint ' .. reader} end
end
for reader, stored in pairs(checkpoints) do
  local position = tonumber(stored)
  -- A reader that is ahead of the tail saw what the log has lost.
  if not position or position > n then return {'UNKNOWN', 'checkpoint ' .. reader} end
  hold(position, reader)
end

local known, groups = {}, {}
for i = 1, g do known[ARGV[4 + i]] = true end
for _, flat in ipairs(call('XINFO', 'GROUPS', log)) do
  local group = fields(flat)
  local delivered = position_of(group['last-delivered-id'])
  -- Of a group that the caller does not know the dead letters are not known, either.
  if not delivered or not known[group['name']] then return {'UNKNOWN', 'group ' .. group['name']} end
  groups[group['name']] = true
  hold(delivered, 'group ' .. group['name'])
  local oldest = call('XPENDING', log, group['name'], '-', '+', 1)[1]
  if oldest then hold(position_of(oldest[1]) - 1, 'pending in ' .. group['name']) end
end
for i = 1, g do
  local group = ARGV[4 + i]
  if not groups[group] then return {'UNKNOWN', 'group ' .. group} end
  local letter = call('ZRANGE', KEYS[3 + i], 0, 0)[1]
  if letter then hold(tonumber(letter) - 1, 'dead letter ' .. group .. ' ' .. letter) end
end
if bound then hold(bound, 'age') end

local oldest = call('XRANGE', log, '-', '+', 'COUNT', 1)[1]
local first = oldest and position_of(oldest[1]) or n + 1
local last = math.min(floor, first + limit - 1)
if dry then return {'OK', math.max(0, floor - first + 1), floor, holder} end
if last < first then return {'OK', 0, floor, holder} end
return {'OK', call('XTRIM', log, 'MINID', '0-' .. last + 1), floor, holder}
