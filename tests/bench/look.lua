-- One page of many codes, asked for as fast as it comes. Arguments: file of codes, what follows the code, gzip or not.
function setup(thread)
  count = (count or 0) + 1
  thread:set("number", count)
  threads = threads or {}
  table.insert(threads, thread)
end

function init(args)
  codes, wrong, tail = {}, 0, args[2]
  headers = { ["Accept-Encoding"] = args[3] }
  for code in io.lines(args[1]) do codes[#codes + 1] = code end
  math.randomseed(number)
end

function request()
  return wrk.format("GET", "/P/" .. codes[math.random(#codes)] .. tail, headers)
end

function response(status)
  if status ~= 200 then wrong = wrong + 1 end
end

function done(summary, latency)
  local wrongs = 0
  for _, thread in ipairs(threads) do wrongs = wrongs + thread:get("wrong") end
  print(("RESULT %d %d %d %d %f %f %f"):format(summary.requests, wrongs, summary.requests, summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000))
end
