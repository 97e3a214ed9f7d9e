-- The last file: the first argument names the transition.

local name = table.remove(ARGV, 1)
return commands[name](unpack(ARGV))
