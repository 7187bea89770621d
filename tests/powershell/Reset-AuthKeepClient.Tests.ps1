Test 'a client that was mended goes on after its reset' {
    $account = New-Account
    Set-Switch $account @{ once = $true; fail = @{ status = 401; body = @{ error = 'invalid_client' } } }
    $client = New-TestClient $account
    $null = Assert-Failure { Get-AuthKeepToken $client } AuthKeep.InvalidCredentials AuthenticationError
    Reset-AuthKeepClient $client -WhatIf
    $null = Assert-Failure { Get-AuthKeepToken $client } AuthKeep.InvalidCredentials AuthenticationError
    Assert-Equal (Get-Count $account token_requests) 1
    $client | Reset-AuthKeepClient
    Assert-Equal (Get-AuthKeepToken $client).Type Bearer
}

Test 'a reset keeps a valid token' {
    $client = New-TestClient (New-Account)
    $first = Get-AuthKeepToken $client -AsPlainText
    Reset-AuthKeepClient $client
    Assert-Equal (Get-AuthKeepToken $client -AsPlainText) $first
}

Test 'a removed client is not reset' {
    $client = New-TestClient (New-Account)
    Remove-AuthKeepClient $client
    $null = Assert-Failure { Reset-AuthKeepClient $client } AuthKeep.Closed InvalidOperation
}
