-- The transitions that the adapter calls by name: the first argument names one, strings follow.

local commands = {}

-- Return what `submit` would for a key that was used before; nothing for a new one.
function commands.repeated(tenant, idempotency_key, fingerprint)
  local first = redis.call('HMGET', 'jobs:key:' .. tenant .. ':' .. idempotency_key, 'id', 'fingerprint')
  if first[1] and redis.call('EXISTS', key(first[1])) == 1 then
    return {first[1], first[2] == fingerprint and 0 or -1, redis.call('HGETALL', key(first[1]))}
  end
  return false
end

-- Post a new job's message, if there is one; the queue is a list on this server.
local function post_new(id, pool, message)
  if pool ~= '' then
    post(id, pool, message)
  else
    look_again(id, now + LEASE_S)
  end
end

local DAY_S = 86400

local function traces_of(tenant)
  return 'jobs:traces:' .. tenant .. ':' .. math.floor(now / DAY_S)
end

-- How many jobs of a tenant have not ended, without parts.
local function in_flight(tenant)
  local sum = 0
  local counts = redis.call('HGETALL', 'jobs:counts:' .. tenant)
  for index = 1, #counts, 2 do
    local state = string.match(counts[index], '|(%a+)$')
    if not is_final(state) then
      sum = sum + tonumber(counts[index + 1])
    end
  end
  return sum
end

-- Take new jobs' share of their tenant's quotas. Returns nothing if there is enough of all; else the name of a quota, -2,
-- its size, what is used of it and what was wanted, and the seconds until midnight.
local function exceeded(tenant, number, allowance)
  local quota = cjson.decode(allowance)
  if quota.jobs_in_flight then
    local used = in_flight(tenant)
    if used + number > quota.jobs_in_flight then
      return {'jobs_in_flight', -2, {quota.jobs_in_flight, used, number, 0}}
    end
  end
  if quota.traces then
    local used = tonumber(redis.call('GET', traces_of(tenant)) or 0)
    if quota.traces_per_day and used + quota.traces > quota.traces_per_day then
      return {'traces_per_day', -2, {quota.traces_per_day, used, quota.traces, math.ceil(DAY_S - now % DAY_S)}}
    end
    redis.call('INCRBY', traces_of(tenant), quota.traces)
    redis.call('EXPIRE', traces_of(tenant), 2 * DAY_S)
  end
end

function commands.traces_today(tenant)
  return redis.call('GET', traces_of(tenant)) or '0'
end

-- Return the id of the recorded job, 1 if it is new, 0 if not, -1 if the key belongs to another request, and its fields;
-- or what `exceeded` does.
function commands.submit(fields, idempotency_key, fingerprint, pool, message, allowance)
  local job = cjson.decode(fields)
  local name = 'jobs:key:' .. job.tenant .. ':' .. idempotency_key
  local first = idempotency_key ~= '' and commands.repeated(job.tenant, idempotency_key, fingerprint)
  if first then
    return first
  end
  if redis.call('EXISTS', key(job.id)) == 1 then
    return {job.id, 0, redis.call('HGETALL', key(job.id))}
  end
  local refused = exceeded(job.tenant, 1, allowance)
  if refused then
    return refused
  end
  create(job)
  post_new(job.id, pool, message)
  if idempotency_key ~= '' then
    redis.call('HSET', name, 'id', job.id, 'fingerprint', fingerprint)
    redis.call('EXPIRE', name, math.ceil(RETENTION_S))
  end
  return {job.id, 1, redis.call('HGETALL', key(job.id))}
end

function commands.sent(id)
  if get(id, 'state') == 'queued' then
    redis.call('ZADD', 'jobs:waiting:' .. get(id, 'kind'), text(now), id)
    watch_deadline(id)
  end
end

function commands.post(id, pool, message)
  post(id, pool, message)
end

-- Note how many places a pool has, and give those that are free.
function commands.open(pool, places)
  redis.call('HSET', pool_key(pool), 'places', places)
  fill(pool)
end

-- Return tenants and how many of their jobs are held, in turn.
function commands.held(pool)
  local found = {}
  for _, tenant in ipairs(redis.call('ZRANGE', 'jobs:turns:' .. pool, 0, -1)) do
    found[#found + 1] = tenant
    found[#found + 1] = redis.call('ZCARD', held_key(tenant, pool))
  end
  return found
end

-- Say whether a queued job is neither held nor on its way to a worker.
local function is_astray(id, before)
  local job = redis.call('HMGET', key(id), 'tenant', 'pool')
  local pool, message = job[2], redis.call('HGET', 'jobs:messages', id)
  if not pool or not message then
    return true
  end
  local rank = redis.call('ZSCORE', held_key(job[1], pool), id)
  if rank then
    -- Whatever happened, its tenant is among those whose turn comes.
    local _, clock = room(pool)
    hold(id, job[1], pool, rank, clock)
    return false
  end
  local out = redis.call('ZSCORE', 'jobs:out:' .. pool, id)
  return not (out and tonumber(out) > before) and not redis.call('LPOS', pool, message)
end

function commands.astray(kind, pool, older_s, limit)
  local before, seen, found = now - older_s, {}, {}
  local waiting = 'jobs:waiting:' .. kind
  -- Those that are out, as the longest waiting ones of a long queue are all held; and these, for what is neither.
  for _, name in ipairs({'jobs:out:' .. pool, waiting}) do
    for _, id in ipairs(redis.call('ZRANGE', name, '-inf', text(before), 'BYSCORE', 'LIMIT', 0, limit)) do
      if not seen[id] and get(id, 'kind') == kind and redis.call('ZSCORE', waiting, id) and is_astray(id, before) then
        found[#found + 1] = id
      end
      seen[id] = true
    end
  end
  return found
end

-- A message has left the list all the same.
local function came_for_nothing(pool, answer)
  if pool then
    fill(pool)
  end
  return answer
end

function commands.start(id, worker, lease_s)
  local job = redis.call('HMGET', key(id), 'state', 'then', 'holder', 'pool')
  if is_final(job[1] or nil) or end_if_stopped(id) then
    return came_for_nothing(job[4], 'FINAL')
  end
  if job[2] then
    return came_for_nothing(job[4], 'HELD')
  end
  if job[1] == 'running' then
    if job[3] == worker then
      look_again(id, now + lease_s)
      return 'STARTED'
    end
    if tonumber(redis.call('ZSCORE', 'jobs:due', id) or 0) > now then
      return came_for_nothing(job[4], 'HELD')
    end
    if not lose(id) then
      return 'EXHAUSTED'
    end
  end
  begin(id)
  look_again(id, now + lease_s)
  redis.call('HINCRBY', key(id), 'attempts', 1)
  redis.call('HSETNX', key(id), 'started', text(now))
  local due_at = tonumber(get(id, 'due') or now)
  set(id, 'worker', worker, 'holder', worker, 'began', text(now), 'waited', text(math.max(0, now - due_at)))
  move(id, 'running')
  change(id)
  emit_state(id)
  return 'STARTED'
end

function commands.renew(id, worker, lease_s)
  local job = redis.call('HMGET', key(id), 'state', 'holder', 'cancel')
  if job[1] ~= 'running' or job[2] ~= worker then
    return 0
  end
  look_again(id, now + lease_s)
  return (job[3] or is_late(id)) and 0 or 1
end

function commands.progress(id, done, total, message)
  if not is_final(get(id, 'state')) then
    tell_progress(id, tonumber(done), tonumber(total), message)
  end
end

function commands.publish(id, partial)
  if not is_final(get(id, 'state')) then
    change(id)
    emit(id, 'partial', partial)
  end
end

function commands.release(id, worker, delay_s, lost)
  local job = redis.call('HMGET', key(id), 'state', 'holder')
  if job[1] ~= 'running' or not job[2] or (job[2] ~= worker and string.match(job[2], '^(.*):[^:]*$') ~= worker) then
    return 0
  end
  if end_if_stopped(id) then
    return 0
  end
  if lost == '1' then
    return lose(id) and 1 or 0
  end
  requeue(id, tonumber(delay_s))
  return 1
end

-- Return the ids to send. `parts` holds the children and, last, `then`.
function commands.await_children(id, parts)
  local job = redis.call('HMGET', key(id), 'state', 'then', 'deadline', 'cancel')
  if is_final(job[1] or nil) or job[2] then
    return due
  end
  local list = cjson.decode(parts)
  for index, part in ipairs(list) do
    part.parent = id
    part.deadline = part.deadline or job[3] or nil
    part.role = index < #list and 'child' or 'then'
    create(part)
    if index < #list then
      redis.call('SADD', key(id) .. ':pending', part.id)
      due[index] = part.id
    end
  end
  set(id, 'then', list[#list].id)
  redis.call('HDEL', key(id), 'holder')
  -- Its lease may have lapsed while it split, and a sweeper have queued it again: it is split all the same.
  quit(id)
  if job[1] == 'queued' then
    move(id, 'running')
    change(id)
    emit_state(id)
  end
  watch_deadline(id)
  if job[4] then
    end_job(id, 'cancelled', nil, CANCELLED, false)
    return {}
  end
  if #list == 1 then
    due[1] = list[1].id
  end
  for _, part in ipairs(due) do
    look_again(part, now + LEASE_S)
  end
  return due
end

function commands.finish(id, result)
  local job = redis.call('HMGET', key(id), 'state', 'then')
  if not is_final(job[1] or nil) and not job[2] then
    end_job(id, 'succeeded', result, nil, false)
  end
  return due
end

function commands.fail(id, state, error, dead, worker)
  local job = redis.call('HMGET', key(id), 'state', 'holder')
  if not is_final(job[1] or nil) and (worker == '' or worker == job[2]) then
    end_job(id, state, nil, error, dead == '1')
  end
end

function commands.cancel(id)
  stop(id)
end

function commands.lapsed(limit)
  local claimed = {}
  for _, id in ipairs(redis.call('ZRANGE', 'jobs:due', '-inf', text(now), 'BYSCORE', 'LIMIT', 0, limit)) do
    local state = get(id, 'state')
    if is_final(state) then
      redis.call('ZREM', 'jobs:due', id)
    elseif not end_if_stopped(id) and (state ~= 'running' or lose(id)) then
      look_again(id, now + LEASE_S)
      claimed[#claimed + 1] = id
    end
  end
  return claimed
end

function commands.prune(limit)
  local old = redis.call('ZRANGE', 'jobs:ended', '-inf', text(now), 'BYSCORE', 'LIMIT', 0, limit)
  for _, id in ipairs(old) do
    local job = redis.call('HMGET', key(id), 'state', 'parent', 'tenant')
    local tenant = job[3] or ''
    if job[1] and not job[2] then
      local names, by_state, kind = indexes(id)
      names[#names + 1] = by_state .. job[1]
      for _, name in ipairs(names) do
        redis.call('ZREM', name, id)
      end
      count(tenant, kind, job[1], -1)
    end
    redis.call('ZREM', 'webhooks:list:' .. tenant, id)
    redis.call('ZREM', 'webhooks:due', id)
    redis.call('DEL', 'webhook:' .. id)
    redis.call('ZREM', 'jobs:ended', id)
    redis.call('ZREM', 'jobs:dead:' .. tenant, id)
    redis.call('SREM', 'jobs:dead', id)
    redis.call('DEL', key(id), key(id) .. ':events', key(id) .. ':pending')
    redis.call('SET', key(id) .. ':gone', tenant, 'EX', math.ceil(TOMBSTONE_S))
  end
  return old
end
