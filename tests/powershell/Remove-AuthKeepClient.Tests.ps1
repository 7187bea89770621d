Test 'a removed client answers that it is closed' {
    $client = New-TestClient (New-Account)
    Remove-AuthKeepClient $client
    Assert-True $client.IsDisposed 'the client says so'
    $null = Assert-Failure { Get-AuthKeepToken $client } AuthKeep.Closed InvalidOperation
    $null = Assert-Failure { Invoke-AuthKeepRequest $client /api/echo } AuthKeep.Closed InvalidOperation
}

Test 'removing twice is no error' {
    $client = New-TestClient (New-Account)
    Remove-AuthKeepClient $client
    Remove-AuthKeepClient $client
    Assert-True $client.IsDisposed 'it stays closed'
}

Test 'clients come by the pipeline' {
    $clients = @(New-TestClient (New-Account); New-TestClient (New-Account))
    $clients | Remove-AuthKeepClient
    Assert-Equal $clients.IsDisposed @($true, $true)
}

Test 'with -WhatIf the client stays open' {
    $client = New-TestClient (New-Account)
    Remove-AuthKeepClient $client -WhatIf
    Assert-Equal (Get-AuthKeepToken $client).Type Bearer
}

Test 'another client of the same credential goes on, with the same token' {
    $account = New-Account
    $first = New-TestClient $account
    $second = New-TestClient $account
    $token = Get-AuthKeepToken $first -AsPlainText
    Remove-AuthKeepClient $first
    Assert-Equal (Get-AuthKeepToken $second -AsPlainText) $token
}
