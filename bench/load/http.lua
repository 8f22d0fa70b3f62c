-- The wrk script of every HTTP case; knows nothing of a server but its paths.
--   wrk -t1 -c64 -d6s -s http.lua http://127.0.0.1:3000 -- CASE PREFIX TOKENS USERS IDS BASE
-- CASE    health | battle | battle_signed_in | list | votes_hot | votes_spread
-- PREFIX  what stands before /battles in a path
-- TOKENS  file of "userId token" lines, of which the first USERS are used
-- IDS     battles.txt, or "battleId entryId" lines for votes
-- BASE    the first vote to cast. Vote k has one (user, entry) pair of its own, so runs with
--         ranges of their own never repeat one.
local tokens, ids, prefix, host, base = {}, {}, "", "", 0
local next_request

local function read_lines(path, limit)
  local lines = {}
  for line in io.lines(path) do
    if #lines == limit then break end
    lines[#lines + 1] = line
  end
  return lines
end

local function request_bytes(method, path, token, body)
  local text = method .. " " .. path .. " HTTP/1.1\r\nHost: " .. host .. "\r\n"
  if token then text = text .. "Authorization: Bearer " .. token .. "\r\n" end
  if body then
    text = text .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n"
  end
  return text .. "\r\n" .. (body or "")
end

-- n ready requests, walked in order
local function walk(n, make)
  local requests = {}
  for i = 1, n do requests[i] = make(i) end
  local i = 0
  return function()
    i = i % n + 1
    return requests[i]
  end
end

local cases = {}

function cases.health()
  return walk(1, function() return request_bytes("GET", "/health") end)
end

function cases.battle()
  return walk(#ids, function(i) return request_bytes("GET", prefix .. "/battles/" .. ids[i]) end)
end

function cases.battle_signed_in()
  return walk(#tokens, function(i)
    return request_bytes("GET", prefix .. "/battles/" .. ids[i * 7 % #ids + 1], tokens[i])
  end)
end

function cases.list()
  local path = prefix .. "/battles?status=active&limit=20"
  return walk(#tokens, function(i) return request_bytes("GET", path, tokens[i]) end)
end

-- For each pair what stands before and after the token in a vote for it.
local function split_votes()
  local before, after = {}, {}
  for i, pair in ipairs(ids) do
    local battle, entry = pair:match("^(%S+) (%S+)$")
    local text = request_bytes("POST", prefix .. "/battles/" .. battle .. "/votes", "%",
      '{"entryId":"' .. entry .. '"}')
    before[i], after[i] = text:match("^([^%%]*)%%(.*)$")
  end
  return function(pair, user)
    return assert(before[pair], "all votes are cast") .. tokens[user] .. after[pair]
  end
end

-- IDS holds two lines for each battle. Every user votes for the first, then for the second entry of
-- the battle, then comes the next battle: one hot battle of two entries at a time.
function cases.votes_hot()
  local k, vote = base, split_votes()
  return function()
    local user, pair = k % #tokens, math.floor(k / #tokens)
    k = k + 1
    return vote(pair + 1, user + 1)
  end
end

-- (user u, entry 7u + round): unique for #ids rounds
function cases.votes_spread()
  local k, vote = base, split_votes()
  return function()
    local user, round = k % #tokens, math.floor(k / #tokens)
    k = k + 1
    assert(round < #ids - 1, "all votes are cast")
    return vote((user * 7 + round) % #ids + 1, user + 1)
  end
end

function init(args)
  local case, users = args[1], tonumber(args[4])
  host, prefix, base = wrk.host .. ":" .. wrk.port, args[2], tonumber(args[6])
  for i, line in ipairs(read_lines(args[3], users)) do tokens[i] = line:match("%s(%S+)$") end
  ids = read_lines(args[5], -1)
  next_request = cases[case]()
end

function request() return next_request() end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"perSecond":%.1f,"requests":%d,"bytes":%d,"p50Ms":%.3f,"p99Ms":%.3f,"maxMs":%.3f,' ..
    '"badStatus":%d,"socketErrors":%d,"timeouts":%d}\n',
    summary.requests / (summary.duration / 1e6), summary.requests, summary.bytes,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.status, errors.connect + errors.read + errors.write, errors.timeout))
end
