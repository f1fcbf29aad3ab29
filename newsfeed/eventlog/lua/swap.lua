-- Put a copy of a stream in its place, if nothing was added to the stream since it was copied.
--
-- XDEL only marks an entry: its bytes stay in their node, in memory and on disk, as long as a neighbour lives.
-- Only a new stream is without them. What groups have read, and what is pending in them, is kept.
--
-- KEYS 1 stream, 2 copy; ARGV last id of the stream when it was copied
-- Reply 1 | 0: the stream went on; nothing was written
local stream, copy = KEYS[1], KEYS[2]
local function fields(list)
  local found = {}
  for i = 1, #list, 2 do found[list[i]] = list[i + 1] end
  return found
end
if fields(redis.call('XINFO', 'STREAM', stream))['last-generated-id'] ~= ARGV[1] then return 0 end
redis.call('XSETID', copy, ARGV[1])
for _, one in ipairs(redis.call('XINFO', 'GROUPS', stream)) do
  local group = fields(one)
  redis.call('XGROUP', 'CREATE', copy, group.name, group['last-delivered-id'])
  local from = '-'
  repeat
    local page = redis.call('XPENDING', stream, group.name, from, '+', 100)
    for _, entry in ipairs(page) do
      redis.call('XCLAIM', copy, group.name, entry[2], 0, entry[1], 'IDLE', entry[3], 'RETRYCOUNT', entry[4],
        'FORCE', 'JUSTID')
      from = '(' .. entry[1]
    end
  until #page == 0
end
redis.call('UNLINK', stream)
redis.call('RENAME', copy, stream)
return 1
