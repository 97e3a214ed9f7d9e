-- What is done to many jobs of a tenant at once, after `records.lua` and `turns.lua`: ARGV is the command, the tenant, what it takes, ids.

local commands = {}

function commands.erase(tenant, _, _, ...)
  for _, id in ipairs({...}) do
    local job = redis.call('HMGET', key(id), 'state', 'parent', 'tenant')
    if job[3] == tenant then
      if not job[2] then
        local names, by_state, kind = indexes(id)
        names[#names + 1] = by_state .. job[1]
        for _, name in ipairs(names) do
          redis.call('ZREM', name, id)
        end
        count(tenant, kind, job[1], -1)
      end
      redis.call('ZREM', 'jobs:due', id)
      redis.call('ZREM', 'jobs:ended', id)
      quit(id)
      redis.call('ZREM', 'jobs:dead:' .. tenant, id)
      redis.call('SREM', 'jobs:dead', id)
      redis.call('DEL', key(id), key(id) .. ':events', key(id) .. ':pending')
      -- And whom to tell of its end.
      redis.call('ZREM', 'webhooks:list:' .. tenant, id)
      redis.call('ZREM', 'webhooks:due', id)
      redis.call('LREM', 'webhooks:wake', 0, id)
      redis.call('DEL', 'webhook:' .. id)
    end
  end
end

-- Return how many have expired with that.
function commands.keep_for(tenant, seconds, tombstone_s, ...)
  local old = 0
  for _, id in ipairs({...}) do
    local job = redis.call('HMGET', key(id), 'tenant', 'finished', 'expires')
    if job[1] == tenant and job[2] and job[3] and tonumber(job[3]) - tonumber(job[2]) < tonumber(tombstone_s)
      and not redis.call('ZSCORE', 'jobs:dead:' .. tenant, id) then
      local expires = tonumber(job[2]) + math.abs(tonumber(seconds))
      if expires <= now then
        old = old + 1
      end
      -- Below zero: only counted.
      if tonumber(seconds) > 0 then
        set(id, 'expires', text(expires))
        redis.call('ZADD', 'jobs:ended', text(expires), id)
      end
    end
  end
  return old
end

local name = table.remove(ARGV, 1)
return commands[name](unpack(ARGV))
