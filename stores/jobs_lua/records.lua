-- What every transition is made of. The adapter puts the constants in front, and the dispatcher after these files.
-- Constants: LEASE_S, RETENTION_S, TOMBSTONE_S, MAX_LOST, EVENTS_KEPT, CHANGES_KEPT, ENDS_KEPT, CANCELLED, LATE, EXHAUSTED.

local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6
local FINAL = {succeeded = true, failed = true, cancelled = true}
-- Ids of jobs that the transition made due, to be sent by the caller.
local due = {}

local function text(number)
  return string.format('%.6f', number)
end

local function key(id)
  return 'job:' .. id
end

local function get(id, field)
  return redis.call('HGET', key(id), field) or nil
end

local function set(id, ...)
  redis.call('HSET', key(id), ...)
end

local function is_final(state)
  return state == nil or FINAL[state] == true
end

-- Note a change that clients can see, before its events are emitted: `after` is the last event that was before it.
local function change(id)
  redis.call('HINCRBY', key(id), 'version', 1)
  local last = redis.call('XREVRANGE', key(id) .. ':events', '+', '-', 'COUNT', 1)[1]
  redis.call('XADD', 'jobs:changes', 'MAXLEN', '~', CHANGES_KEPT, '*', 'id', id, 'after', last and last[1] or '')
end

local function emit(id, name, data)
  redis.call('XADD', key(id) .. ':events', 'MAXLEN', '~', EVENTS_KEPT, '*', 'name', name, 'data', data)
end

local function emit_state(id)
  local job = redis.call('HMGET', key(id), 'state', 'attempts')
  emit(id, 'state', '{"state": "' .. job[1] .. '", "attempts": ' .. job[2] .. '}')
end

-- The indexes that listings read, by state apart, since that changes.
local function indexes(id)
  local job = redis.call('HMGET', key(id), 'tenant', 'kind', 'tags')
  local prefix = 'jobs:list:' .. job[1]
  local names = {prefix, prefix .. ':kind:' .. job[2]}
  for _, tag in ipairs(cjson.decode(job[3])) do
    names[#names + 1] = prefix .. ':tag:' .. tag
  end
  return names, prefix .. ':state:', job[2]
end

-- Count the jobs of a kind and state, of all tenants and of one.
local function count(tenant, kind, state, by)
  redis.call('HINCRBY', 'jobs:counts', kind .. '|' .. state, by)
  redis.call('HINCRBY', 'jobs:counts:' .. tenant, kind .. '|' .. state, by)
end

local function batch_key(id)
  return 'batch:' .. id
end

-- Tell a batch that a job of it has moved; it ends with its last job, and is kept for as long as that one.
local function tell_batch(batch, from, to)
  local name = batch_key(batch)
  redis.call('HINCRBY', name, to, 1)
  redis.call('HINCRBY', name, 'version', 1)
  if not from then
    return
  end
  redis.call('HINCRBY', name, from, -1)
  if FINAL[to] and redis.call('HINCRBY', name, 'left', -1) == 0 then
    redis.call('HSET', name, 'finished', text(now), 'expires', text(now + RETENTION_S))
    redis.call('EXPIRE', name, math.ceil(RETENTION_S + TOMBSTONE_S))
    redis.call('EXPIRE', name .. ':jobs', math.ceil(RETENTION_S))
  end
  redis.call('XADD', 'jobs:changes', 'MAXLEN', '~', CHANGES_KEPT, '*', 'id', batch)
end

-- Move a job to a state; parts of jobs are neither listed nor counted.
local function move(id, state)
  local job = redis.call('HMGET', key(id), 'state', 'parent', 'seq', 'tenant', 'batch')
  if not job[2] then
    local _, by_state, kind = indexes(id)
    if job[1] then
      redis.call('ZREM', by_state .. job[1], id)
      count(job[4], kind, job[1], -1)
    end
    redis.call('ZADD', by_state .. state, job[3], id)
    count(job[4], kind, state, 1)
  end
  if job[5] then
    tell_batch(job[5], job[1], state)
  end
  set(id, 'state', state)
end

-- Record a queued job from flat fields, once per id; return whether it is new.
local function create(fields)
  local id = fields.id
  if redis.call('EXISTS', key(id)) == 1 then
    return false
  end
  redis.call('DEL', key(id) .. ':gone')
  local seq = redis.call('INCR', 'jobs:seq')
  local flat = {'seq', seq, 'submitted', text(now), 'due', text(now), 'attempts', 0, 'lost', 0, 'version', 0, 'done', 0, 'total', 0,
    'message', ''}
  for name, value in pairs(fields) do
    flat[#flat + 1] = name
    flat[#flat + 1] = value
  end
  set(id, unpack(flat))
  move(id, 'queued')
  if not fields.parent then
    for _, name in ipairs((indexes(id))) do
      redis.call('ZADD', name, seq, id)
    end
  end
  change(id)
  emit_state(id)
  return true
end

local function look_again(id, at)
  redis.call('ZADD', 'jobs:due', text(at), id)
end

-- Nothing is expected of this job but that it meets its deadline.
local function watch_deadline(id)
  local deadline = get(id, 'deadline')
  if deadline then
    redis.call('ZADD', 'jobs:due', deadline, id)
  else
    redis.call('ZREM', 'jobs:due', id)
  end
end

local function is_late(id)
  local deadline = get(id, 'deadline')
  return deadline ~= nil and tonumber(deadline) <= now
end

local function emit_progress(id)
  local job = redis.call('HMGET', key(id), 'done', 'total', 'message')
  emit(id, 'progress', '{"done": ' .. job[1] .. ', "total": ' .. job[2] .. ', "message": ' .. cjson.encode(job[3]) .. '}')
end

-- Publish how far a job is. Its parent's progress is the sum of its children's, changed by the difference.
local function tell_progress(id, done, total, message)
  local before = redis.call('HMGET', key(id), 'done', 'total', 'parent', 'role')
  set(id, 'done', done, 'total', total, 'message', message)
  change(id)
  emit_progress(id)
  local parent = before[3]
  if not parent or is_final(get(parent, 'state')) then
    return
  end
  local told = redis.call('HMGET', key(parent), 'done', 'total', 'message')
  local sum, all = tonumber(told[1]), tonumber(told[2])
  if before[4] == 'child' then
    sum = sum + done - tonumber(before[1])
    all = math.max(all, redis.call('HINCRBY', key(parent), 'parts_total', total - tonumber(before[2])))
  end
  tell_progress(parent, sum, all, message ~= '' and message or told[3])
end
