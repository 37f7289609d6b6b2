-- What wrk asks: the session of a customer that is drawn anew for each request, to load or to save it.
--
-- wrk … --script load.lua <url> -- <file of references, one a line>

local references = {}
local is_save
local count = 0
local padding = string.rep("s", 180)

local headers = { ["Content-Type"] = "text/plain", ["Origin"] = "https://shop.example" }

function init(arguments)
  for line in io.lines(arguments[1]) do
    references[#references + 1] = line
  end
  is_save = wrk.path == "/session/save"
  math.randomseed(os.time())
end

function request()
  local body = '{"reference":"' .. references[math.random(#references)] .. '","name":"chat"'
  if is_save then
    -- 200 bytes, never the same.
    count = count + 1
    body = body .. ',"value":"' .. padding .. string.format("%020d", count) .. '"'
  end
  return wrk.format("POST", nil, headers, body .. "}")
end

-- Times are in microseconds.
function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '{"requests":%d,"duration":%d,"failed":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)
  ))
end
