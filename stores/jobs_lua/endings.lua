-- How jobs end: themselves, their parts below them, and what they are a part of above them.

local end_job

-- Cancel a queued or waiting job at once; ask a running one to stop.
local function stop(id)
  local job = redis.call('HMGET', key(id), 'state', 'then', 'cancel')
  if is_final(job[1] or nil) then
    return
  end
  if job[1] == 'running' and not job[2] then
    if not job[3] then
      set(id, 'cancel', 1)
      change(id)
    end
    return
  end
  end_job(id, 'cancelled', nil, CANCELLED, false)
end

-- A part has ended: the last child makes `then` due, `then` ends the job, and whatever ends badly ends it so.
local function part_ended(parent, id, state, result, error, dead)
  if is_final(get(parent, 'state')) then
    return
  end
  local part = redis.call('HMGET', key(id), 'role', 'kind')
  if state ~= 'succeeded' then
    local through = cjson.decode(error)
    through.message = part[2] .. ' ' .. id .. ': ' .. through.message
    end_job(parent, state, nil, cjson.encode(through), false, dead)
  elseif part[1] == 'then' then
    end_job(parent, state, result, nil, false)
  elseif redis.call('SREM', key(parent) .. ':pending', id) == 1
    and redis.call('SCARD', key(parent) .. ':pending') == 0 then
    local last = get(parent, 'then')
    set(last, 'due', text(now))
    look_again(last, now + LEASE_S)
    due[#due + 1] = last
  end
end

-- Note, with the end itself, that somebody is to be told of it (`webhooks_redis.py` says what lies where).
local function note_delivery(id)
  local job = redis.call('HMGET', key(id), 'callback', 'tenant')
  if job[1] then
    local seq = redis.call('INCR', 'webhooks:seq')
    redis.call('HSET', 'webhook:' .. id, 'tenant', job[2], 'url', job[1], 'state', 'pending', 'attempts', 0,
      'created', text(now))
    redis.call('ZADD', 'webhooks:list:' .. job[2], seq, id)
    redis.call('ZADD', 'webhooks:due', text(now), id)
    redis.call('LPUSH', 'webhooks:wake', id)
    redis.call('LTRIM', 'webhooks:wake', 0, 999)
  end
end

-- With `dead` it becomes a dead letter; with `kept` it is kept for as long as one, because a part of it is one.
end_job = function(id, state, result, error, dead, kept)
  local job = redis.call('HMGET', key(id), 'kind', 'parent', 'role', 'total', 'message', 'then', 'done',
    'submitted')
  if state == 'succeeded' and job[7] ~= job[4] and tonumber(job[4]) > 0 and job[3] ~= 'then' then
    tell_progress(id, tonumber(job[4]), tonumber(job[4]), job[5])
  end
  local expires = now + ((dead or kept) and TOMBSTONE_S or RETENTION_S)
  redis.call('ZREM', 'jobs:due', id)
  quit(id)
  redis.call('ZADD', 'jobs:ended', text(expires), id)
  redis.call('HDEL', key(id), 'holder')
  move(id, state)
  set(id, 'finished', text(now), 'expires', text(expires))
  if result then
    set(id, 'result', result)
  end
  if error then
    set(id, 'error', error)
  end
  if state == 'cancelled' then
    set(id, 'cancel', 1)
  end
  if dead then
    redis.call('ZADD', 'jobs:dead:' .. get(id, 'tenant'), text(now), id)
    redis.call('SADD', 'jobs:dead', id)
  end
  local code = error and cjson.decode(error).code or ''
  redis.call('RPUSH', 'jobs:ends', job[1] .. '|' .. state .. '|' .. text(now - tonumber(job[8])) .. '|' .. code)
  redis.call('LTRIM', 'jobs:ends', -ENDS_KEPT, -1)
  change(id)
  emit_state(id)
  note_delivery(id)
  emit(id, 'done', '{"state": "' .. state .. '", "error": ' .. (error or 'null') .. '}')
  if job[6] then
    for _, child in ipairs(redis.call('SMEMBERS', key(id) .. ':pending')) do
      stop(child)
    end
    stop(job[6])
  end
  if job[2] then
    part_ended(job[2], id, state, result, error, dead or kept)
  end
end

-- End a job that should not go on; return whether it has ended.
local function end_if_stopped(id)
  if get(id, 'cancel') then
    end_job(id, 'cancelled', nil, CANCELLED, false)
    return true
  end
  if is_late(id) then
    end_job(id, 'failed', nil, LATE, false)
    return true
  end
  return false
end

local function requeue(id, delay_s)
  redis.call('HDEL', key(id), 'holder')
  settle(id)
  look_again(id, now + delay_s + LEASE_S)
  set(id, 'due', text(now + delay_s))
  move(id, 'queued')
  change(id)
  emit_state(id)
end

-- Count a lost worker; end the job if that was the last it may lose, else queue it; return whether it lives.
local function lose(id)
  if redis.call('HINCRBY', key(id), 'lost', 1) >= MAX_LOST then
    end_job(id, 'failed', nil, EXHAUSTED, true)
    return false
  end
  requeue(id, 0)
  return true
end
