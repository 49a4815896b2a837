-- Requests of one measurement for wrk. The plan file: a number, header lines (name, tab, value), a blank line, then method, path, body per line.
local requests, number, at = {}, 0, 0

function init(args)
  local headers = {}
  local in_headers = true
  for line in io.lines(args[1]) do
    if number == 0 then
      number = tonumber(line)
    elseif in_headers then
      local name, value = line:match("^([^\t]+)\t(.*)$")
      if name then headers[name] = value else in_headers = false end
    else
      local method, path, body = line:match("^([^\t]*)\t([^\t]*)\t(.*)$")
      requests[#requests + 1] = { method = method, path = path, body = body, headers = headers }
      if body == "" then requests[#requests].ready = wrk.format(method, path, headers, nil) end
    end
  end
end

function request()
  at = at % #requests + 1
  local item = requests[at]
  if item.ready then return item.ready end
  number = number + 1
  local text = item.body:gsub("@N@", tostring(number))
  return wrk.format(item.method, item.path, item.headers, text)
end
