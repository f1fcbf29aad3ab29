-- Begin a version of a read model in one partition, unless it is there: a checkpoint at 0, and nothing else.
-- KEYS 1 checkpoints, 2.. everything that the version keeps; ARGV name of the reader. Reply 1 when it was begun.
if redis.call('HSETNX', KEYS[1], ARGV[1], '0') == 0 then return 0 end
for key = 2, #KEYS do redis.call('UNLINK', KEYS[key]) end
return 1
