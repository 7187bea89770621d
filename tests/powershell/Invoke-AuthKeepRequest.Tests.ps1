# --- the request -------------------------------------------------------------

Test 'a GET needs a client and a target' {
    $account = New-Account
    $seen = Invoke-AuthKeepRequest (New-TestClient $account) /api/echo?limit=50
    Assert-Equal @($seen.method, $seen.path, $seen.query) @('GET', '/api/echo', 'limit=50')
    Assert-Equal $seen.client_id $account.Id
    Assert-Equal $seen.credential.scheme Bearer
}

Test 'a target may be a URL, as text and as an object' {
    $client = New-TestClient (New-Account)
    Assert-Equal (Invoke-AuthKeepRequest $client "$($server.Url)/api/echo").path /api/echo
    Assert-Equal (Invoke-AuthKeepRequest $client ([uri] "$($server.Url)/api/echo/a%20b")).path '/api/echo/a%20b'
}

Test 'each method is sent, in any case of letters' {
    $client = New-TestClient (New-Account)
    foreach ($method in 'Post', 'put', 'PATCH', 'Delete', 'Options', 'Purge') {
        Assert-Equal (Invoke-AuthKeepRequest $client /api/echo -Method $method).method $method.ToUpperInvariant()
    }
}

Test 'a hashtable is sent as JSON, however deep' {
    $body = @{ one = @{ two = @{ three = @{ four = @{ five = 'deep' } } } } }
    $seen = Invoke-AuthKeepRequest (New-TestClient (New-Account)) /api/echo -Method Post -Body $body
    Assert-Equal $seen.headers.'content-type' application/json
    Assert-Equal ($seen.body | ConvertFrom-Json).one.two.three.four.five deep
}

Test 'objects and lists are sent as JSON too, with their letters' {
    $client = New-TestClient (New-Account)
    $name = 'St' + [char]0xE4 + 'nder'
    $seen = Invoke-AuthKeepRequest $client /api/echo -Method Post -Body ([pscustomobject]@{ name = $name })
    Assert-Equal ($seen.body | ConvertFrom-Json).name $name
    Assert-Equal (Invoke-AuthKeepRequest $client /api/echo -Method Post -Body 1, 2).body '[1,2]'
    Assert-Equal (Invoke-AuthKeepRequest $client /api/echo -Method Post -Body @(, 1)).body '[1]'
    # Windows PowerShell gives a list that it has read in a wrapper.
    $list = ConvertFrom-Json '[1,2]'
    Assert-Equal (Invoke-AuthKeepRequest $client /api/echo -Method Post -Body $list).body '[1,2]'
}

Test 'text is sent in UTF-8, or as its type says' {
    $client = New-TestClient (New-Account)
    $text = '<' + [char]0xE4 + '/>'
    $seen = Invoke-AuthKeepRequest $client /api/echo -Method Put -Body $text -ContentType application/xml
    Assert-Equal $seen.body $text
    Assert-Equal $seen.body_size 5
    Assert-Equal $seen.headers.'content-type' application/xml
    $type = 'text/plain; charset=iso-8859-1'
    $seen = Invoke-AuthKeepRequest $client /api/echo -Method Put -Body ([string][char]0xE4) -ContentType $type
    Assert-Equal $seen.body_base64 '5A=='
    $type = 'text/plain; charset=no-such-thing'
    $null = Assert-Failure { Invoke-AuthKeepRequest $client /api/echo -Method Put -Body a -ContentType $type } `
        AuthKeep.InvalidArgument InvalidArgument
}

Test 'bytes are sent as they are' {
    $body = [byte[]](0, 255, 0)
    $seen = Invoke-AuthKeepRequest (New-TestClient (New-Account)) /api/echo -Method Post -Body $body
    Assert-Equal $seen.body_base64 'AP8A'
}

Test 'the hashtable of a GET is its query' {
    $client = New-TestClient (New-Account)
    $query = [ordered]@{ a = 'x y&z'; n = 1; flag = $true; many = 1, 'two'; none = $null; last = 1.5 }
    $expected = 'first=0', 'a=x%20y%26z', 'n=1', 'flag=true', 'many=1', 'many=two', 'last=1.5'
    $seen = Invoke-AuthKeepRequest $client /api/echo?first=0 -Body $query
    Assert-Equal ($seen.query.Replace('+', '%20') -split '&') $expected
    $seen = Invoke-AuthKeepRequest $client /api/echo?first=0 -Query $query -Method Post -Body @{ b = 1 }
    Assert-Equal ($seen.query.Replace('+', '%20') -split '&') $expected
    Assert-Equal $seen.body '{"b":1}'
}

Test 'a form is sent where its type is asked for' {
    $form = [ordered]@{ a = 'x y&z'; b = '1' }
    $type = 'application/x-www-form-urlencoded'
    $seen = Invoke-AuthKeepRequest (New-TestClient (New-Account)) /api/echo -Method Post -Body $form -ContentType $type
    Assert-Equal $seen.body 'a=x+y%26z&b=1'
    Assert-Equal $seen.headers.'content-type' $type
}

Test 'headers are sent, and may say the type of the body' {
    $headers = @{ 'X-Tenant' = 'one'; Accept = 'text/plain'; 'Content-Type' = 'application/vnd.shop+json' }
    $seen = Invoke-AuthKeepRequest (New-TestClient (New-Account)) /api/echo -Method Post -Headers $headers -Body @{ a = 1 }
    Assert-Equal $seen.headers.'x-tenant' one
    Assert-Equal $seen.headers.accept text/plain
    Assert-Equal $seen.headers.'content-type' application/vnd.shop+json
    Assert-Equal $seen.body '{"a":1}'
}

Test 'targets come by the pipeline, as a column' {
    $rows = [pscustomobject]@{ Uri = '/api/echo?n=1' }, [pscustomobject]@{ Uri = '/api/echo?n=2' }
    $seen = @($rows | Invoke-AuthKeepRequest (New-TestClient (New-Account)))
    Assert-Equal $seen.query @('n=1', 'n=2')
}

Test 'a client comes by the pipeline' {
    $account = New-Account
    Assert-Equal (New-TestClient $account | Invoke-AuthKeepRequest -Uri /api/echo).client_id $account.Id
}

Test 'with -WhatIf nothing is sent that could change anything' {
    $account = New-Account
    $client = New-TestClient $account
    Invoke-AuthKeepRequest $client /api/echo -Method Delete -WhatIf
    Assert-Equal (Get-Count $account api_ok) 0
    Assert-Equal (Invoke-AuthKeepRequest $client /api/echo -WhatIf).method GET
}

# --- the answer --------------------------------------------------------------

# Lets the API answer one request of an account with this.
function Set-Answer($Account, [string] $ContentType, $Body) {
    $answer = @{ status = 200; headers = @{ 'Content-Type' = $ContentType }; body = $Body }
    Set-Switch $Account @{ where = 'api'; once = $true; fail = $answer }
}

Test 'a list is put out one by one' {
    $account = New-Account
    $client = New-TestClient $account
    Set-Answer $account application/json '[{"id":1},{"id":2},{"id":3}]'
    $ids = @(Invoke-AuthKeepRequest $client /api/echo | Where-Object { $_.id -ne 2 } | ForEach-Object { $_.id })
    Assert-Equal $ids @(1, 3)
    Set-Answer $account 'application/problem+json; charset=utf-8' '[[1,2],[3]]'
    $lists = @(Invoke-AuthKeepRequest $client /api/echo)
    Assert-Equal $lists.Count 2
    Assert-Equal $lists[0] @(1, 2)
    Set-Answer $account application/json '[]'
    Assert-Equal @(Invoke-AuthKeepRequest $client /api/echo).Count 0
}

Test 'the rest of a pipeline may stop it' {
    $account = New-Account
    Set-Answer $account application/json '[1,2,3]'
    Assert-Equal (Invoke-AuthKeepRequest (New-TestClient $account) /api/echo | Select-Object -First 1) 1
}

Test 'what is no JSON is text' {
    $account = New-Account
    $client = New-TestClient $account
    Set-Answer $account 'text/plain; charset=utf-8' '{"id":1}'
    Assert-Equal (Invoke-AuthKeepRequest $client /api/echo) '{"id":1}'
    Assert-Equal (Invoke-AuthKeepRequest $client /api/bytes/10) 'abcdefghij'
}

Test 'what is no JSON, but says so, is an error' {
    $account = New-Account
    Set-Answer $account application/json '{"id":'
    $null = Assert-Failure { Invoke-AuthKeepRequest (New-TestClient $account) /api/echo } AuthKeep.InvalidJson ParserError
}

Test 'an answer without a body puts nothing out' {
    Assert-Equal @(Invoke-AuthKeepRequest (New-TestClient (New-Account)) /api/status/204).Count 0
}

Test 'a body is saved to a file that is relative to the location' {
    $client = New-TestClient (New-Account)
    Invoke-InFolder {
        Assert-Equal @(Invoke-AuthKeepRequest $client /api/bytes/100000 -OutFile letters).Count 0
        $bytes = [System.IO.File]::ReadAllBytes((Join-Path (Get-Location).ProviderPath letters))
        Assert-Equal $bytes.Length 100000
        Assert-Equal $bytes[0..25] (97..122)
    }
}

Test 'status and headers go to variables' {
    $answer = Invoke-AuthKeepRequest (New-TestClient (New-Account)) '/api/status/201?X-One=1&X-Many=a&x-many=b' `
        -StatusCodeVariable code -ResponseHeadersVariable headers
    Assert-Equal $answer.status 201
    Assert-Equal $code 201
    Assert-Equal $headers['content-TYPE'] application/json
    Assert-Equal $headers['X-Many'] @('a', 'b')
}

# --- failures ----------------------------------------------------------------

Test 'a failed status is an error with status and body' {
    $client = New-TestClient (New-Account)
    $failure = Assert-Failure { Invoke-AuthKeepRequest $client '/api/status/404?X-Id=7' } `
        AuthKeep.HttpStatus ObjectNotFound
    Assert-Equal $failure.ErrorDetails.Message '{"status":404}'
    Assert-Equal $failure.Exception.HttpStatus 404
    Assert-Equal $failure.Exception.Message 'HTTP 404 for GET /api/status/404'
    Assert-Equal $failure.Exception.Response.Headers['x-id'] 7
    Assert-Equal $failure.TargetObject.OriginalString '/api/status/404?X-Id=7'
}

Test 'statuses have the category of what to do' {
    $client = New-TestClient (New-Account)
    $categories = [ordered]@{
        '302' = 'InvalidOperation'; '400' = 'InvalidArgument'; '403' = 'PermissionDenied'; '409' = 'ResourceExists'
        '429' = 'ResourceBusy'; '500' = 'InvalidOperation'; '503' = 'ResourceUnavailable'; '504' = 'OperationTimeout'
    }
    foreach ($status in $categories.Keys) {
        $null = Assert-Failure { Invoke-AuthKeepRequest $client "/api/status/$status" } AuthKeep.HttpStatus $categories[$status]
    }
}

Test 'a failed status is an answer on demand' {
    $client = New-TestClient (New-Account)
    $answer = Invoke-AuthKeepRequest $client /api/status/404 -SkipHttpErrorCheck -StatusCodeVariable code
    Assert-Equal $answer.status 404
    Assert-Equal $code 404
}

Test 'the credential goes nowhere else, and no caller replaces it' {
    $client = New-TestClient (New-Account)
    $null = Assert-Failure { Invoke-AuthKeepRequest $client https://elsewhere.example/api } `
        AuthKeep.NotAllowed PermissionDenied
    $null = Assert-Failure { Invoke-AuthKeepRequest $client /api/echo -Headers @{ AUTHORIZATION = 'Bearer other' } } `
        AuthKeep.NotAllowed PermissionDenied
}

Test 'a revoked token is renewed within the call' {
    $account = New-Account
    $client = New-TestClient $account
    $first = (Invoke-AuthKeepRequest $client /api/echo).token_number
    Send-Control revoke @{ client_id = $account.Id }
    Assert-True ((Invoke-AuthKeepRequest $client /api/echo).token_number -gt $first) 'the token is a new one'
}

Test 'only the configured authority is trusted' {
    $account = New-Account
    $trusting = New-TestClient $account @{ BaseUri = $server.TlsUrl; Setting = @{ tls = @{ ca_file = $server.CaFile } } }
    Assert-Equal (Invoke-AuthKeepRequest $trusting /api/echo).method GET
    $other = New-TestClient $account @{ BaseUri = $server.TlsUrl }
    $null = Assert-Failure { Invoke-AuthKeepRequest $other /api/echo } AuthKeep.Tls SecurityError
}

Test 'the timeout ends a request' {
    $client = New-TestClient (New-Account)
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $null = Assert-Failure { Invoke-AuthKeepRequest $client /api/slow/10000 -TimeoutSec 0.3 } `
        AuthKeep.Deadline OperationTimeout
    Assert-True ($watch.ElapsedMilliseconds -lt 3000) "it took $($watch.ElapsedMilliseconds) ms"
}

Test 'Ctrl+C ends a request' {
    $account = New-Account
    $client = New-TestClient $account
    $took = Measure-Stop 'Invoke-AuthKeepRequest $client /api/slow/10000' $client $account api_ok
    Assert-True ($took -lt 2000) "it took $took ms"
}

Test 'what -Verbose tells has no query, which may be private' {
    $client = New-TestClient (New-Account)
    $null = $client | Get-AuthKeepToken
    $told = Invoke-AuthKeepRequest $client /api/echo?key=hidden -Verbose 4>&1 |
        Where-Object { $_ -is [System.Management.Automation.VerboseRecord] } | Out-String
    Assert-Contains $told 'GET /api/echo: '
    Assert-Lacks $told hidden
}
