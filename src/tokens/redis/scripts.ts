/** What happens to one token in one step, inside Redis. All keys of a token share a hash tag, and time is passed in. */
import { createHash } from 'node:crypto'

export type Script = { readonly lua: string; readonly sha: string }

function script(lua: string): Script {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') }
}

/** Defines `known(now)`: the fields asked for, or nothing when the request isn't there any more. `KEYS[1]` is the request. */
const known = `
local function known(now, ...)
  local found = redis.call('HMGET', KEYS[1], 'expiresAt', ...)
  if not found[1] or tonumber(found[1]) <= tonumber(now) then return nil end
  return found
end
`

/**
 * Redis without memory refuses the first write of a script if it needs any, and lets all after the first pass: so what stores begins with
 * such a write, and what revokes begins with a removal.
 */
export const scripts = {
  /** KEYS request, used, ledger, grants; ARGV now, owner, registration, expiresAt, remembered until. → 1; 0: the token was used before */
  register: script(`
local now, expiresAt, untilMs = tonumber(ARGV[1]), tonumber(ARGV[4]), tonumber(ARGV[5])
local used = redis.call('GET', KEYS[2])
if used and tonumber(used) > now then return 0 end
redis.call('SET', KEYS[2], ARGV[5], 'PX', math.max(1, untilMs - now))
redis.call('DEL', KEYS[1], KEYS[3], KEYS[4])
if expiresAt > now then
  redis.call('HSET', KEYS[1], 'owner', ARGV[2], 'registration', ARGV[3], 'expiresAt', ARGV[4], 'next', 0, 'items', 0)
  redis.call('PEXPIRE', KEYS[1], expiresAt - now)
end
return 1`),

  /** KEYS request, used, ledger, grants; ARGV now, owner, how long it is remembered, channel. → 1; 0: unknown */
  revoke: script(`${known}
local found = known(ARGV[1], 'owner')
if not found or found[2] ~= ARGV[2] then return 0 end
local untilMs = tonumber(found[1]) + tonumber(ARGV[3])
redis.call('UNLINK', KEYS[1], KEYS[3], KEYS[4])
redis.call('SET', KEYS[2], string.format('%.0f', untilMs), 'PX', math.max(1, untilMs - tonumber(ARGV[1])))
redis.call('PUBLISH', ARGV[4], '')
return 1`),

  /** KEYS request, grants; ARGV now, then leaf id and grant in turn. */
  grant: script(`${known}
if not known(ARGV[1]) then return 0 end
for i = 2, #ARGV, 2 do redis.call('HSETNX', KEYS[2], ARGV[i], ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1]))
return 1`),

  /** KEYS request, grants; ARGV now, leaf id. → the grant, if there is one */
  findGrant: script(`${known}
if not known(ARGV[1]) then return false end
return redis.call('HGET', KEYS[2], ARGV[2])`),

  /** KEYS request; ARGV now, total. */
  setTotal: script(`${known}
if known(ARGV[1]) then redis.call('HSET', KEYS[1], 'total', ARGV[2]) end
return 1`),

  /**
   * KEYS request, ledger; ARGV now, channel, then index and item in turn: an empty item is hidden, index `end` brings the total.
   * `next` is the lowest index not seen; those ahead of it are fields of the request, few, since entries come nearly in order.
   */
  append: script(`${known}
local found = known(ARGV[1], 'next', 'items', 'end', 'complete')
if not found or found[5] then return 0 end
local next, before, total = tonumber(found[2]), tonumber(found[3]), tonumber(found[4] or '')
local items, complete = before, false
redis.call('HSET', KEYS[1], 'next', next)
for i = 3, #ARGV, 2 do
  local new = false
  if ARGV[i] == 'end' then
    total = tonumber(ARGV[i + 1])
  else
    local index = tonumber(ARGV[i])
    if index == next then
      new = true
      next = next + 1
      while redis.call('HDEL', KEYS[1], 'ahead:' .. string.format('%.0f', next)) == 1 do next = next + 1 end
    elseif index > next then
      new = redis.call('HSETNX', KEYS[1], 'ahead:' .. ARGV[i], '') == 1
    end
  end
  if new and ARGV[i + 1] ~= '' then
    items = items + 1
    redis.call('XADD', KEYS[2], string.format('%.0f', items) .. '-0', 'item', ARGV[i + 1])
  end
  complete = total and next >= total
  if complete then break end
end
redis.call('HSET', KEYS[1], 'next', next, 'items', items)
if total then redis.call('HSET', KEYS[1], 'end', total) end
if complete then redis.call('HSET', KEYS[1], 'complete', 1) end
if items > before then redis.call('PEXPIRE', KEYS[2], redis.call('PTTL', KEYS[1])) end
if items > before or complete then redis.call('PUBLISH', ARGV[2], '') end
return 1`),

  /** KEYS request, used, ledger; ARGV now, owner, first id, length at most. → what is known of the token, and where it is known a page of its ledger */
  page: script(`${known}
local found = known(ARGV[1], 'owner', 'items', 'complete')
if found and found[2] ~= ARGV[2] then return {'unknown'} end
if found then
  return {'known', found[1], found[3], found[4] or '', redis.call('XRANGE', KEYS[3], ARGV[3], '+', 'COUNT', ARGV[4])}
end
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return {'unknown'} end
return {'nothing'}`),
} as const satisfies Record<string, Script>
