-- Records of jobs that were put back from a backup, after `records.lua`: ARGV is the command, then what it takes.

local commands = {}

local function forget(id)
  local job = redis.call('HMGET', key(id), 'tenant', 'state')
  local tenant = job[1] or ''
  redis.call('DEL', key(id), key(id) .. ':events', 'webhook:' .. id)
  redis.call('ZREM', 'webhooks:list:' .. tenant, id)
  redis.call('ZREM', 'webhooks:due', id)
  redis.call('ZREM', 'jobs:dead:' .. tenant, id)
  redis.call('SREM', 'jobs:dead', id)
end

local DEEPEST = 16 -- Parts of parts of jobs, and further than any job of ours is split.

-- Say whether a part may stay: it has ended, and so has the job above all.
local function settled(id)
  local one = id
  for _ = 1, DEEPEST do
    if not is_final(get(one, 'state')) or redis.call('EXISTS', key(one)) == 0 then
      return false
    end
    one = get(one, 'parent')
    if not one then
      return true
    end
  end
  return false
end

-- List and count a job that is no part, as `create` and `move` do, but tell no batch of it.
local function list(id)
  local names, by_state, kind = indexes(id)
  local job = redis.call('HMGET', key(id), 'seq', 'state', 'tenant')
  names[#names + 1] = by_state .. job[2]
  for _, name in ipairs(names) do
    redis.call('ZADD', name, job[1], id)
  end
  count(job[3], kind, job[2], 1)
end

-- Begin a job anew that was in flight: whatever its worker and its parts have done is not known here.
local function begin_anew(id)
  redis.call('HDEL', key(id), 'holder', 'worker', 'then', 'parts_total', 'started', 'pool', 'began', 'turn', 'charge',
    'again')
  set(id, 'state', 'queued', 'done', 0, 'total', 0, 'message', '', 'lost', 0, 'due', text(now))
  redis.call('DEL', 'webhook:' .. id)
  redis.call('ZREM', 'webhooks:list:' .. get(id, 'tenant'), id)
  redis.call('ZREM', 'webhooks:due', id)
  list(id)
  change(id)
  emit_state(id)
  -- Its message is not there: a sweeper sends it.
  look_again(id, now)
end

-- Take up jobs; return how many have ended, are queued, are dropped. `unwanted`: kinds that do not begin anew.
function commands.adopt(unwanted, ...)
  local kinds = {}
  for _, kind in ipairs(cjson.decode(unwanted)) do
    kinds[kind] = true
  end
  local told = {0, 0, 0}
  for _, id in ipairs({...}) do
    local job = redis.call('HMGET', key(id), 'state', 'parent', 'kind', 'expires')
    local ended = FINAL[job[1]] == true
    if (job[2] and not settled(id)) or (not ended and kinds[job[3]]) then
      forget(id)
      told[3] = told[3] + 1
    elseif ended then
      redis.call('ZADD', 'jobs:ended', job[4], id)
      if not job[2] then
        list(id)
      end
      told[1] = told[1] + 1
    else
      begin_anew(id)
      told[2] = told[2] + 1
    end
  end
  return told
end

-- Take out of tenants' dead letters what has not ended, or is not there: it was given up while the backup was made.
function commands.check_letters(...)
  for _, name in ipairs({...}) do
    for _, id in ipairs(redis.call('ZRANGE', name, 0, -1)) do
      if not FINAL[get(id, 'state')] then
        redis.call('ZREM', name, id)
        redis.call('SREM', 'jobs:dead', id)
      end
    end
  end
end

-- Count a batch's jobs anew: those that are there as they are, and of those that have expired what was said before.
local function count_batch(id)
  local name = batch_key(id)
  if redis.call('EXISTS', name) == 0 then
    -- It has expired since it was copied.
    return
  end
  redis.call('ZADD', 'batches:' .. redis.call('HGET', name, 'tenant'), redis.call('HGET', name, 'submitted'), id)
  local jobs = redis.call('LRANGE', name .. ':jobs', 0, -1)
  if #jobs == 0 then
    -- Its jobs have: nobody is shown it any more.
    return
  end
  local states = {'queued', 'running', 'succeeded', 'failed', 'cancelled'}
  local said = redis.call('HMGET', name, unpack(states))
  local counted, gone, finished, expires = {0, 0, 0, 0, 0}, 0, 0, now
  for _, job in ipairs(jobs) do
    local told = redis.call('HMGET', key(job), 'state', 'finished', 'expires')
    if told[1] then
      for index, each in ipairs(states) do
        counted[index] = counted[index] + (each == told[1] and 1 or 0)
      end
      finished, expires = math.max(finished, tonumber(told[2]) or 0), math.max(expires, tonumber(told[3]) or 0)
    else
      gone = gone + 1
    end
  end
  for index = 3, 5 do
    local more = math.max(0, math.min(gone, tonumber(said[index] or 0) - counted[index]))
    counted[index], gone = counted[index] + more, gone - more
  end
  for index, each in ipairs(states) do
    redis.call('HSET', name, each, counted[index])
  end
  local left = counted[1] + counted[2]
  redis.call('HSET', name, 'left', left)
  if left > 0 then
    redis.call('HDEL', name, 'finished', 'expires')
    redis.call('PERSIST', name)
    redis.call('PERSIST', name .. ':jobs')
  elseif redis.call('HEXISTS', name, 'finished') == 0 then
    -- Its last job ended after the batch was copied, and before that job was.
    redis.call('HSET', name, 'finished', text(finished > 0 and finished or now), 'expires', text(expires))
    redis.call('EXPIREAT', name, math.ceil(expires))
    redis.call('EXPIREAT', name .. ':jobs', math.ceil(expires))
  end
end

function commands.count_batches(...)
  for _, id in ipairs({...}) do
    count_batch(id)
  end
end

local name = table.remove(ARGV, 1)
return commands[name](unpack(ARGV))
