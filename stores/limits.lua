-- Take tokens of all buckets or of none. A bucket is one number: when it will be full, in microseconds of this server's
-- clock; one that is not there is full. KEYS: buckets. ARGV: of each bucket the microseconds that the wanted tokens take
-- to come back, and those that all of it takes. Returns 1 or 0, then of each bucket how long it is to full.

local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local granted = 1
local full, wanted = {}, {}

for index, name in ipairs(KEYS) do
  full[index] = math.max(tonumber(redis.call('GET', name) or now), now)
  wanted[index] = full[index] + tonumber(ARGV[2 * index - 1])
  if wanted[index] - now > tonumber(ARGV[2 * index]) + 0.5 then
    granted = 0
  end
end

local answer = {granted}
for index, name in ipairs(KEYS) do
  if granted == 1 then
    full[index] = wanted[index]
    redis.call('SET', name, string.format('%.3f', full[index]), 'PX', math.ceil((full[index] - now) / 1000) + 1)
  end
  answer[index + 1] = math.ceil(full[index] - now)
end
return answer
