-- Whole responses, one after another, as a phone gives them: what is asked for, in which order, and what must come back.
-- One thread holds one connection (wrk -t N -c N), so that each thread is one phone.
-- Arguments: ours | bare, file of codes, first line to take, milliseconds between requests (0: none), file of receipts.
local ffi = require("ffi")
ffi.cdef [[
typedef struct { const char *next_in; unsigned avail_in; unsigned long total_in; char *next_out; unsigned avail_out;
  unsigned long total_out; const char *msg; void *state; void *zalloc; void *zfree; void *opaque; int data_type;
  unsigned long adler; unsigned long reserved; } z_stream;
int inflateInit2_(z_stream *strm, int bits, const char *version, int size);
int inflate(z_stream *strm, int flush);
int inflateEnd(z_stream *strm);
typedef struct { long sec; long nsec; } timespec;
int clock_gettime(int clock, timespec *at);
]]
local zlib = ffi.load("libz.so.1")
local PAGES, ITEMS, ROOM = 5, 5, 262144
local threads = {}
local stamp, room = ffi.new("timespec"), ffi.new("char[?]", ROOM)

local function now()
  ffi.C.clock_gettime(1, stamp)
  return tonumber(stamp.sec) * 1000 + tonumber(stamp.nsec) / 1e6
end

local function unpacked(body)
  local stream = ffi.new("z_stream")
  stream.next_in, stream.avail_in = body, #body
  stream.next_out, stream.avail_out = room, ROOM
  assert(zlib.inflateInit2_(stream, 31, "1.2.11", ffi.sizeof("z_stream")) == 0)
  assert(zlib.inflate(stream, 4) == 1, "no whole gzip body came")
  zlib.inflateEnd(stream)
  return ffi.string(room, tonumber(stream.total_out))
end

function setup(thread)
  thread:set("number", #threads)
  table.insert(threads, thread)
end

function init(args)
  ours, pace, done_count, faults, step, first_fault = args[1] == "ours", tonumber(args[4]), 0, 0, 0, ""
  local total = tonumber(args[6])
  codes, receipts = {}, io.open(args[5] .. "." .. number, "w")
  local line = 0
  for code in io.lines(args[2]) do
    if line >= tonumber(args[3]) and line % total == number then codes[#codes + 1] = code end
    line = line + 1
  end
  at, due = 0, now() + pace * math.random()
  math.randomseed(number + tonumber(args[3]))
end

function delay()
  if pace == 0 then return 0 end
  due = due + pace
  return math.max(0, math.floor(due - now()))
end

local function page(n)
  local body = { "revision=" .. (n - 1) }
  for item = 1, ITEMS do body[#body + 1] = ("p%d_%d=v%d"):format(n, item, math.random(5)) end
  return table.concat(body, "&")
end

local GET = { ["Accept-Encoding"] = "gzip, deflate" }
local POST = { ["Accept-Encoding"] = "gzip, deflate", ["Content-Type"] = "application/x-www-form-urlencoded" }

-- Steps: 0 the first page, 1 begin, then look and save of each page, then the check page and the submit.
function request()
  if step == 0 then
    at = at + 1
    code = codes[at]
    if not code then
      wrk.thread:stop()
      return wrk.format("GET", "/")
    end
  end
  local root = "/P/" .. code
  if step == 0 then return wrk.format("GET", root, GET) end
  if step == 1 then return wrk.format("POST", root, POST, "begin=1") end
  local n = math.floor(step / 2)
  if n <= PAGES then
    if step % 2 == 0 then return wrk.format("GET", root .. "/" .. n, GET) end
    return wrk.format("POST", root .. "/" .. n, POST, page(n))
  end
  if step % 2 == 0 then return wrk.format("GET", root .. "/check", GET) end
  return wrk.format("POST", root .. "/submit", POST, form)
end

local function fault(text)
  faults, step = faults + 1, 0
  if first_fault == "" then first_fault = text end
end

function response(status, headers, body)
  local last = step == 2 * PAGES + 3
  local wanted = (step % 2 == 0 or last) and 200 or 303
  if status ~= wanted then return fault(("step %d of %s: %d"):format(step, code, status)) end
  if step == 2 * PAGES + 2 then
    form = "revision=5"
    if ours then
      local text = headers["content-encoding"] == "gzip" and unpacked(body) or body
      local receipt, tag = text:match('name="receipt" value="(%w+)"'), text:match('name="tag" value="(%w+)"')
      if not tag then return fault("no receipt on the check page of " .. code) end
      form = ("revision=%s&receipt=%s&tag=%s"):format(text:match('name="revision" value="(%d+)"'), receipt, tag)
      offered = receipt
    end
  end
  if last then
    done_count, step = done_count + 1, 0
    if ours then receipts:write(code, " ", offered, "\n") receipts:flush() end
  else
    step = step + 1
  end
end

function done(summary, latency, requests)
  local whole, wrong, told = 0, 0, ""
  for _, thread in ipairs(threads) do
    whole, wrong = whole + thread:get("done_count"), wrong + thread:get("faults")
    if thread:get("first_fault") ~= "" then told = thread:get("first_fault") end
  end
  local e = summary.errors
  print(("RESULT %d %d %d %d %f %f %f %s"):format(whole, wrong + e.connect + e.read + e.write + e.timeout, summary.requests,
    summary.duration, latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000, told))
end
