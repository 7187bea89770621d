Test 'a cleared token is replaced by the next call' {
    $account = New-Account
    $client = New-TestClient $account
    $first = Get-AuthKeepToken $client -AsPlainText
    Clear-AuthKeepToken $client
    Assert-Equal (Get-Count $account token_requests) 1
    Assert-True ((Get-AuthKeepToken $client -AsPlainText) -cne $first) 'it is another token'
    Assert-Equal (Get-Count $account token_requests) 2
}

Test 'with -WhatIf the token stays' {
    $client = New-TestClient (New-Account)
    $first = Get-AuthKeepToken $client -AsPlainText
    $client | Clear-AuthKeepToken -WhatIf
    Assert-Equal (Get-AuthKeepToken $client -AsPlainText) $first
}

Test 'the token of a removed client is not cleared' {
    $client = New-TestClient (New-Account)
    Remove-AuthKeepClient $client
    $null = Assert-Failure { Clear-AuthKeepToken $client } AuthKeep.Closed InvalidOperation
}
