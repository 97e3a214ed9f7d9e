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

local function weight_of(tenant)
  return math.max(tonumber(redis.call('HGET', 'identity:tenant:' .. tenant, 'weight')) or 1, LEAST_WEIGHT)
end

-- Lower is sooner: the more urgent first, then the older.
local function rank_of(id)
  local job = redis.call('HMGET', key(id), 'priority', 'seq')
  return string.format('%.0f', (9 - tonumber(job[1])) * 2 ^ 40 + tonumber(job[2]))
end

local function account_of(tenant, pool)
  return tonumber(redis.call('HGET', share_key(tenant), 'account:' .. pool)) or 0
end

local function set_account(tenant, pool, seconds)
  redis.call('HSET', share_key(tenant), 'account:' .. pool, text(seconds))
  redis.call('ZADD', 'jobs:turns:' .. pool, 'XX', text(seconds), tenant)
end

local function clock_of(pool)
  return tonumber(redis.call('HGET', 'jobs:clocks', pool)) or 0
end

local function hold(id, tenant, pool)
  redis.call('ZADD', held_key(tenant, pool), rank_of(id), id)
  if not redis.call('ZSCORE', 'jobs:turns:' .. pool, tenant) then
    local account = math.max(account_of(tenant, pool), clock_of(pool))
    redis.call('ZADD', 'jobs:turns:' .. pool, text(account), tenant)
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
local function take_place(id, tenant, pool, turn, charge)
  redis.call('ZADD', 'jobs:out:' .. pool, text(now), id)
  redis.call('ZADD', placed_key(tenant, pool), rank_of(id), id)
  set(id, 'turn', turn, 'charge', charge)
end

local function lose_place(id, tenant, pool)
  redis.call('ZREM', placed_key(tenant, pool), id)
  return redis.call('ZREM', 'jobs:out:' .. pool, id) == 1
end

local function enlist(id, tenant, pool, message)
  local turn = math.max(account_of(tenant, pool), clock_of(pool))
  local mean = tonumber(redis.call('HGET', share_key(tenant), 'mean:' .. pool)) or FIRST_GUESS_S
  local charge = mean / weight_of(tenant)
  set_account(tenant, pool, turn + charge)
  take_place(id, tenant, pool, text(turn), text(charge))
  redis.call('LPUSH', pool, message)
end

-- Give the places that are free to those whose turn it is.
local function fill(pool)
  local places = tonumber(redis.call('HGET', 'jobs:places', pool)) or PLACES
  for _ = redis.call('LLEN', pool) + 1, places do
    local tenant = redis.call('ZRANGE', 'jobs:turns:' .. pool, 0, 0)[1]
    if not tenant then
      return
    end
    local id = redis.call('ZRANGE', held_key(tenant, pool), 0, 0)[1]
    if not id or not let_go(id, tenant, pool) then
      redis.call('ZREM', 'jobs:turns:' .. pool, tenant)
    else
      local message = redis.call('HGET', 'jobs:messages', id)
      if message then
        enlist(id, tenant, pool, message)
      elseif get(id, 'state') == 'queued' then
        -- Its message is gone: a sweeper writes another one.
        look_again(id, now)
      end
    end
  end
end

-- Among the messages of one tenant that lie in the list the more urgent ones are in front: a job that is more urgent takes the
-- place of the first that is less so, that one the next one's, and the last of them is held.
local function overtake(id, tenant, pool)
  local behind = redis.call('ZRANGE', placed_key(tenant, pool), '(' .. rank_of(id), '+inf', 'BYSCORE')
  local moving = id
  for _, other in ipairs(behind) do
    local at = redis.call('LPOS', pool, redis.call('HGET', 'jobs:messages', other) or '')
    -- What is not there is about to start.
    if at then
      local place = redis.call('HMGET', key(other), 'turn', 'charge')
      redis.call('LSET', pool, at, redis.call('HGET', 'jobs:messages', moving))
      lose_place(other, tenant, pool)
      redis.call('HDEL', key(other), 'turn', 'charge')
      take_place(moving, tenant, pool, place[1] or '0', place[2] or '0')
      moving = other
    end
  end
  if moving ~= id then
    let_go(id, tenant, pool)
    hold(moving, tenant, pool)
  end
end

-- Put a queued job's message where it belongs: into the list, or with those that are held. May be done twice.
local function post(id, pool, message)
  local job = redis.call('HMGET', key(id), 'state', 'kind', 'tenant')
  if job[1] ~= 'queued' then
    return
  end
  local tenant, before = job[3], redis.call('HGET', 'jobs:messages', id)
  set(id, 'pool', pool)
  redis.call('HSET', 'jobs:messages', id, message)
  redis.call('ZADD', 'jobs:waiting:' .. job[2], 'NX', text(now), id)
  watch_deadline(id)
  if redis.call('ZSCORE', 'jobs:out:' .. pool, id) then
    -- It has its place, and is sent again because its message seems to be gone: it has waited for long enough.
    redis.call('ZADD', 'jobs:out:' .. pool, text(now), id)
    local at = before and redis.call('LPOS', pool, before)
    if at then
      redis.call('LSET', pool, at, message)
    else
      redis.call('RPUSH', pool, message)
    end
    return
  end
  hold(id, tenant, pool)
  overtake(id, tenant, pool)
  fill(pool)
end

-- Take a job that starts, or ends, from where it waits; return its pool if it was posted, and its message if that is out.
local function leave(id)
  local job = redis.call('HMGET', key(id), 'kind', 'tenant', 'pool')
  redis.call('ZREM', 'jobs:waiting:' .. job[1], id)
  local pool = job[3]
  if not pool then
    return
  end
  local message = redis.call('HGET', 'jobs:messages', id)
  if message then
    redis.call('HDEL', 'jobs:messages', id)
    if lose_place(id, job[2], pool) then
      return pool, message
    end
    let_go(id, job[2], pool)
  end
  return pool
end

-- Note that an attempt begins: the pool's clock is that of what it runs.
local function begin(id)
  local pool, message = leave(id)
  set(id, 'began', text(now))
  if message and redis.call('LREM', pool, 1, message) == 1 then
    -- It had been sent again, and comes from the first message.
    fill(pool)
  end
  if pool then
    local turn = tonumber(get(id, 'turn')) or 0
    if turn > clock_of(pool) then
      redis.call('HSET', 'jobs:clocks', pool, text(turn))
    end
  end
end

-- Charge a tenant with what an attempt took rather than with what it was taken to take; nothing for one that has not begun.
local function settle(id)
  local job = redis.call('HMGET', key(id), 'tenant', 'pool', 'began', 'charge', 'state')
  local tenant, pool = job[1], job[2]
  if pool and (job[3] or job[4]) then
    local owed = -(tonumber(job[4]) or 0)
    -- A record that comes from a backup may say that a queued job once began.
    if job[3] and job[5] == 'running' then
      local ran = math.max(now - tonumber(job[3]), 0)
      local mean = tonumber(redis.call('HGET', share_key(tenant), 'mean:' .. pool)) or ran
      redis.call('HSET', share_key(tenant), 'mean:' .. pool, text(mean + (ran - mean) / MEMORY))
      owed = owed + ran / weight_of(tenant)
    end
    set_account(tenant, pool, account_of(tenant, pool) + owed)
  end
  redis.call('HDEL', key(id), 'began', 'charge', 'turn')
end

-- Have done with a job in the queue: its message is no longer in anybody's way.
local function quit(id)
  local pool, message = leave(id)
  settle(id)
  if message then
    redis.call('LREM', pool, 1, message)
  end
  if pool then
    fill(pool)
  end
end
