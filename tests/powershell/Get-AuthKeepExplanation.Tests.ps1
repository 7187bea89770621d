Test 'an explanation says what a call would get, and sends nothing' {
    $account = New-Account @{ token_life_ms = 600000 }
    $client = New-TestClient $account
    $before = Get-AuthKeepExplanation $client
    Assert-Equal $before.a_call_would request
    Assert-True ($null -eq $before.token) 'there is no token'
    Assert-Equal (Get-Count $account token_requests) 0
    $null = Get-AuthKeepToken $client
    $after = $client | Get-AuthKeepExplanation
    Assert-Equal $after.a_call_would serve
    Assert-Equal $after.token.type Bearer
    $renewal = $after.token.renewal_in_ms
    Assert-True ($renewal -gt 300000 -and $renewal -lt 600000) "renewal in $renewal ms"
    Assert-Equal $after.counters.token_requests 1
}

Test 'an explanation says where each setting came from, and no secret' {
    $account = New-Account
    $client = New-TestClient $account
    $token = Get-AuthKeepToken $client -AsPlainText
    $explanation = Get-AuthKeepExplanation $client
    $id = $explanation.config | Where-Object key -EQ client_id
    Assert-Equal @($id.value, $id.from) @($account.Id, 'program')
    $shown = $explanation | ConvertTo-Json -Depth 8
    Assert-Contains $shown client_secret
    Assert-Lacks $shown $account.Secret
    Assert-Lacks $shown $token
}

Test 'a failure is explained' {
    $account = New-Account
    Set-Switch $account @{ once = $true; fail = @{ status = 401; body = @{ error = 'invalid_client' } } }
    $client = New-TestClient $account
    $failure = Assert-Failure { Get-AuthKeepToken $client } AuthKeep.InvalidCredentials AuthenticationError
    $explanation = Get-AuthKeepExplanation $client
    Assert-Equal $explanation.a_call_would fail
    Assert-Equal $explanation.failure.kind definitive
    Assert-Equal $explanation.error.code $failure.Exception.Code
}

Test 'a removed client is not explained' {
    $client = New-TestClient (New-Account)
    Remove-AuthKeepClient $client
    $null = Assert-Failure { Get-AuthKeepExplanation $client } AuthKeep.Closed InvalidOperation
}
