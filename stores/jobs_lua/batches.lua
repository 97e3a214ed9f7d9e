-- Jobs that are submitted together. What becomes of each of them is told to the batch by `move`.

local function batch_of_key(tenant, idempotency_key)
  return 'jobs:key:' .. tenant .. ':batch:' .. idempotency_key
end

-- Return the id of the batch that a key has submitted, and 0, or -1 if the key belongs to another request.
function commands.repeated_batch(tenant, idempotency_key, fingerprint)
  local first = redis.call('HMGET', batch_of_key(tenant, idempotency_key), 'id', 'fingerprint')
  if first[1] and redis.call('EXISTS', batch_key(first[1])) == 1 then
    return {first[1], first[2] == fingerprint and 0 or -1}
  end
  return false
end

-- Return the id of the recorded batch, and 1 if it is new, 0 if not, -1 if the key belongs to another request; or what
-- `exceeded` does.
function commands.submit_batch(id, tenant, parts, idempotency_key, fingerprint, envelopes, allowance)
  local first = idempotency_key ~= '' and commands.repeated_batch(tenant, idempotency_key, fingerprint)
  if first then
    return first
  end
  if redis.call('EXISTS', batch_key(id)) == 1 then
    return {id, 0}
  end
  local list = cjson.decode(parts)
  local refused = exceeded(tenant, #list, allowance)
  if refused then
    return refused
  end
  redis.call('HSET', batch_key(id), 'tenant', tenant, 'submitted', text(now), 'version', 0, 'left', #list)
  local posted = cjson.decode(envelopes)
  for index, job in ipairs(list) do
    create(job)
    local envelope = posted[index] or {'', ''}
    post_new(job.id, envelope[1], envelope[2])
    redis.call('RPUSH', batch_key(id) .. ':jobs', job.id)
  end
  redis.call('ZREMRANGEBYSCORE', 'batches:' .. tenant, '-inf', text(now - TOMBSTONE_S))
  redis.call('ZADD', 'batches:' .. tenant, text(now), id)
  if idempotency_key ~= '' then
    local name = batch_of_key(tenant, idempotency_key)
    redis.call('HSET', name, 'id', id, 'fingerprint', fingerprint)
    redis.call('EXPIRE', name, math.ceil(RETENTION_S))
  end
  return {id, 1}
end

function commands.cancel_batch(id)
  for _, job in ipairs(redis.call('LRANGE', batch_key(id) .. ':jobs', 0, -1)) do
    stop(job)
  end
end
