-- Append facts to the registry if nobody else did meanwhile, with the destinations that they name.
--
-- KEYS 1 registry, 2.. documents
-- ARGV position of the newest fact ('0' for none), number of facts, their JSON in order, the documents packed
-- Reply position of the newest fact; if it is not the one given, nothing was written.
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local tail = newest and tonumber(string.match(newest[1], '^0%-(%d+)$')) or (newest and -1 or 0)
if tail ~= tonumber(ARGV[1]) then return tail end
local count = tonumber(ARGV[2])
for i = 1, count do
  redis.call('XADD', KEYS[1], '0-' .. tail + i, '__data__', ARGV[2 + i])
end
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], ARGV[2 + count + i - 1], 'NX')
end
return tail
