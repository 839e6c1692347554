-- Asks Bulla about a request before HAProxy passes it on; see docs/forward-auth.md.
--
--     http-request lua.bulla http://127.0.0.1:8080/forward-auth

-- What Bulla looks at. Nothing else of the client's request reaches it.
local asked_with = {
    "authorization", "cookie", "origin", "x-bulla-csrf", "sec-fetch-site",
    "sec-websocket-key", "sec-websocket-version",
    "access-control-request-method", "access-control-request-headers",
}

-- What of a refusal reaches the client.
local refused_with = {
    "content-type", "cache-control", "www-authenticate", "allow", "retry-after", "x-request-id", "vary",
    "access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers",
}

-- HAProxy counts a header's values from 0.
local function values(header)
    local list = {}
    if header ~= nil then
        for i = 0, #header do
            if header[i] ~= nil then
                table.insert(list, header[i])
            end
        end
    end
    return list
end

local function answer(txn, status, headers, body)
    local reply = txn:reply({ status = status })
    for name, list in pairs(headers) do
        for _, value in ipairs(list) do
            reply:add_header(name, value)
        end
    end
    reply:set_body(body)
    txn:done(reply)
end

local function ask(txn, url)
    local sent = txn.http:req_get_headers()
    local headers = {
        ["x-forwarded-method"] = { txn.f:method() },
        ["x-forwarded-uri"] = { txn.f:pathq() },
        ["x-forwarded-host"] = values(sent["host"]),
        ["x-forwarded-for"] = { txn.f:src() },
    }
    for _, name in ipairs(asked_with) do
        local list = values(sent[name])
        if #list > 0 then
            headers[name] = list
        end
    end
    return core.httpclient():get({ url = url, headers = headers, timeout = 5000 })
end

local function decide(txn, url)
    local asked, decision = pcall(ask, txn, url)
    if not asked or decision == nil or decision.status == nil or decision.status == 0 then
        core.Warning("bulla does not answer")
        return answer(txn, 503, { ["retry-after"] = { "1" } }, "")
    end
    if decision.status ~= 200 then
        local headers = {}
        for _, name in ipairs(refused_with) do
            headers[name] = values(decision.headers[name])
        end
        -- What is no decision is no permission.
        local status = decision.status < 400 and 503 or decision.status
        return answer(txn, status, headers, decision.body or "")
    end
    -- Whatever the client sent under such a name, in any spelling, is gone; what Bulla knows takes its place.
    for name in pairs(txn.http:req_get_headers()) do
        if name:find("^x[^a-z0-9]bulla") then
            txn.http:req_del_header(name)
        end
    end
    for name, header in pairs(decision.headers) do
        if name:find("^x%-bulla%-") and header[0] ~= "" then
            txn.http:req_set_header(name, header[0])
        end
    end
    -- Some servers take out what Connection names: that is not the client's to say. And of all protocols only WebSocket
    -- may follow: behind h2c, whole requests would go unseen.
    local upgrade = values(txn.http:req_get_headers()["upgrade"])
    txn.http:req_del_header("connection")
    txn.http:req_del_header("upgrade")
    if #upgrade == 1 and upgrade[1]:lower() == "websocket" then
        txn.http:req_set_header("connection", "upgrade")
        txn.http:req_set_header("upgrade", "websocket")
    end
    -- The API needs no token to know who asks.
    txn.http:req_del_header("authorization")
end

core.register_action("bulla", { "http-req" }, decide, 1)
