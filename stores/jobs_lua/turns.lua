-- Whose job is next. Only a few messages of a pool lie in its list, from which workers take the oldest. All other queued jobs
-- are held here, and whenever there is a place it goes to the tenant that has had least of the pool for its weight: to its
-- most urgent job, the oldest of these. `jobs_redis_reader.py` says what lies where.
--
-- What a tenant has had is kept as an account in seconds: a job is charged with what the tenant's jobs took lately when
-- it gets its place, and with what it really took when it stops running. Who comes anew begins at the pool's clock, which
-- is the account that the last started job was let in at: nobody saves up for later.

local PLACES = 2 -- of a pool whose workers have not said how many it has
local FIRST_GUESS_S = 1
local MEMORY = 8 -- jobs by which the mean of a tenant's times is smoothed
local LEAST_WEIGHT = 0.01

local function held_key(tenant, pool)
  return 'jobs:held:' .. tenant .. ':' .. pool
end

local function placed_key(tenant, pool)
  return 'jobs:placed:' .. tenant .. ':' .. pool
end

local function share_key(tenant)
  return 'jobs:share:' .. tenant
end

local function pool_key(pool)
  return 'jobs:pool:' .. pool
end

local function weight_of(tenant)
  return math.max(tonumber(redis.call('HGET', 'identity:tenant:' .. tenant, 'weight')) or 1, LEAST_WEIGHT)
end

-- Lower is sooner: the more urgent first, then the older.
local function ranked(priority, seq)
  return string.format('%.0f', (9 - tonumber(priority)) * 2 ^ 40 + tonumber(seq))
end

local function rank_of(id)
  return ranked(unpack(redis.call('HMGET', key(id), 'priority', 'seq')))
end

-- Return a tenant's account and the mean of its times.
local function share_of(tenant, pool)
  local said = redis.call('HMGET', share_key(tenant), 'account:' .. pool, 'mean:' .. pool)
  return tonumber(said[1]) or 0, tonumber(said[2])
end

-- Return the places that are free in a pool's list, and its clock.
local function room(pool)
  local said = redis.call('HMGET', pool_key(pool), 'places', 'clock')
  return (tonumber(said[1]) or PLACES) - redis.call('LLEN', pool), tonumber(said[2]) or 0
end

local function hold(id, tenant, pool, rank, clock)
  redis.call('ZADD', held_key(tenant, pool), rank, id)
  if not redis.call('ZSCORE', 'jobs:turns:' .. pool, tenant) then
    redis.call('ZADD', 'jobs:turns:' .. pool, text(math.max((share_of(tenant, pool)), clock)), tenant)
  end
end

local function let_go(id, tenant, pool)
  local removed = redis.call('ZREM', held_key(tenant, pool), id)
  if redis.call('EXISTS', held_key(tenant, pool)) == 0 then
    redis.call('ZREM', 'jobs:turns:' .. pool, tenant)
  end
  return removed == 1
end

-- Note that a job's message lies in the list, at a place that was given at the account `turn` for `charge` seconds.
local function take_place(id, tenant, pool, rank, turn, charge)
  redis.call('ZADD', 'jobs:out:' .. pool, text(now), id)
  redis.call('ZADD', placed_key(tenant, pool), rank, id)
  set(id, 'turn', turn, 'charge', charge)
end

local function lose_place(id, tenant, pool)
  redis.call('ZREM', placed_key(tenant, pool), id)
  return redis.call('ZREM', 'jobs:out:' .. pool, id) == 1
end

-- Give a place to a job; return its tenant's account after that.
local function enlist(id, tenant, pool, rank, message, clock)
  local account, mean = share_of(tenant, pool)
  local turn, charge = math.max(account, clock), (mean or FIRST_GUESS_S) / weight_of(tenant)
  redis.call('HSET', share_key(tenant), 'account:' .. pool, text(turn + charge))
  take_place(id, tenant, pool, rank, text(turn), text(charge))
  redis.call('LPUSH', pool, message)
  return turn + charge
end

-- Give the places that are free to those whose turn it is. A job that starts moves the clock to its own `turn`.
local function fill(pool, turn)
  local free, clock = room(pool)
  if turn and tonumber(turn) > clock then
    clock = tonumber(turn)
    redis.call('HSET', pool_key(pool), 'clock', turn)
  end
  for _ = 1, free do
    local tenant = redis.call('ZRANGE', 'jobs:turns:' .. pool, 0, 0)[1]
    if not tenant then
      return
    end
    local first = redis.call('ZRANGE', held_key(tenant, pool), 0, 0, 'WITHSCORES')
    local id = first[1]
    if not id or not let_go(id, tenant, pool) then
      redis.call('ZREM', 'jobs:turns:' .. pool, tenant)
    else
      local message = redis.call('HGET', 'jobs:messages', id)
      if message then
        local account = enlist(id, tenant, pool, first[2], message, clock)
        redis.call('ZADD', 'jobs:turns:' .. pool, 'XX', text(account), tenant)
      elseif get(id, 'state') == 'queued' then
        -- Its message is gone: a sweeper writes another one.
        look_again(id, now)
      end
    end
  end
end

-- Among the messages of one tenant that lie in the list the more urgent ones are in front: a job that is more urgent takes the
-- place of the first that is less so, and that one the next one's. Return the one that is left without a place.
local function overtake(id, tenant, pool, rank)
  local moving = id
  for _, other in ipairs(redis.call('ZRANGE', placed_key(tenant, pool), '(' .. rank, '+inf', 'BYSCORE')) do
    local at = redis.call('LPOS', pool, redis.call('HGET', 'jobs:messages', other) or '')
    -- What is not there is about to start.
    if at then
      local place = redis.call('HMGET', key(other), 'turn', 'charge')
      redis.call('LSET', pool, at, redis.call('HGET', 'jobs:messages', moving))
      lose_place(other, tenant, pool)
      redis.call('HDEL', key(other), 'turn', 'charge')
      take_place(moving, tenant, pool, rank_of(moving), place[1] or '0', place[2] or '0')
      moving = other
    end
  end
  return moving
end

-- Put the message of a job where it belongs that has a place: it is sent again because it seems to be gone.
local function post_again(id, pool, before, message)
  redis.call('ZADD', 'jobs:out:' .. pool, text(now), id)
  local at = before and redis.call('LPOS', pool, before)
  if at then
    redis.call('LSET', pool, at, message)
  else
    -- It has waited for long enough. The first message may still come to a worker.
    set(id, 'again', 1)
    redis.call('RPUSH', pool, message)
  end
end

-- Put a queued job's message where it belongs: into the list, or with those that are held. May be done twice.
local function post(id, pool, message)
  local job = redis.call('HMGET', key(id), 'state', 'kind', 'tenant', 'priority', 'seq', 'deadline', 'pool')
  if job[1] ~= 'queued' then
    return
  end
  local tenant, rank, before = job[3], ranked(job[4], job[5]), false
  if job[7] then
    before = redis.call('HGET', 'jobs:messages', id)
  else
    set(id, 'pool', pool)
  end
  redis.call('HSET', 'jobs:messages', id, message)
  redis.call('ZADD', 'jobs:waiting:' .. job[2], 'NX', text(now), id)
  if job[6] then
    redis.call('ZADD', 'jobs:due', job[6], id)
  else
    redis.call('ZREM', 'jobs:due', id)
  end
  if before then
    if redis.call('ZSCORE', 'jobs:out:' .. pool, id) then
      return post_again(id, pool, before, message)
    end
    let_go(id, tenant, pool)
  end
  local left = overtake(id, tenant, pool, rank)
  if left ~= id then
    message, rank = redis.call('HGET', 'jobs:messages', left), rank_of(left)
  end
  local free, clock = room(pool)
  if free > 0 and redis.call('EXISTS', 'jobs:turns:' .. pool) == 0 then
    enlist(left, tenant, pool, rank, message, clock)
  else
    hold(left, tenant, pool, rank, clock)
    fill(pool)
  end
end

-- Take a job that starts, or ends, from where it waits; return whether it was out.
local function leave(id, kind, tenant, pool)
  redis.call('ZREM', 'jobs:waiting:' .. kind, id)
  if not pool or redis.call('HDEL', 'jobs:messages', id) == 0 then
    return false
  end
  if lose_place(id, tenant, pool) then
    return true
  end
  let_go(id, tenant, pool)
  return false
end

-- Take a job that starts out of the queue.
local function begin(id)
  local job = redis.call('HMGET', key(id), 'kind', 'tenant', 'pool', 'turn', 'again')
  local pool = job[3]
  if job[5] then
    -- It comes from the first message, and another one lies there.
    redis.call('LREM', pool, 1, redis.call('HGET', 'jobs:messages', id) or '')
    redis.call('HDEL', key(id), 'again')
  end
  leave(id, job[1], job[2], pool)
  if pool then
    fill(pool, job[4])
  end
end

-- Charge a tenant with what an attempt took rather than with what it was taken to take; nothing for one that has not begun.
local function settle(id)
  local job = redis.call('HMGET', key(id), 'tenant', 'pool', 'began', 'charge', 'state')
  local tenant, pool = job[1], job[2]
  if not pool or not (job[3] or job[4]) then
    return
  end
  local account, mean = share_of(tenant, pool)
  account = account - (tonumber(job[4]) or 0)
  -- A record that comes from a backup may say that a queued job once began.
  if job[3] and job[5] == 'running' then
    local ran = math.max(now - tonumber(job[3]), 0)
    account, mean = account + ran / weight_of(tenant), (mean or ran) + (ran - (mean or ran)) / MEMORY
  end
  redis.call('HSET', share_key(tenant), 'account:' .. pool, text(account), 'mean:' .. pool, text(mean or FIRST_GUESS_S))
  redis.call('ZADD', 'jobs:turns:' .. pool, 'XX', text(account), tenant)
  redis.call('HDEL', key(id), 'began', 'charge', 'turn')
end

-- Have done with a job, in the queue or at work: its message is no longer in anybody's way.
local function quit(id)
  settle(id)
  local job = redis.call('HMGET', key(id), 'kind', 'tenant', 'pool', 'state')
  local pool = job[3]
  if job[4] == 'running' then
    return
  end
  local message = pool and redis.call('HGET', 'jobs:messages', id)
  if leave(id, job[1], job[2], pool) then
    redis.call('LREM', pool, 1, message)
  end
  if pool then
    fill(pool)
  end
end
