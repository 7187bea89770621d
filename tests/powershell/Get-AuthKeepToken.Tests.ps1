Test 'a token says what the server granted' {
    $account = New-Account @{ scope = 'read write'; token_life_ms = 600000 }
    $token = Get-AuthKeepToken (New-TestClient $account)
    Assert-Equal ($token.GetType().FullName) AuthKeep.Token
    Assert-Equal $token.Type Bearer
    Assert-Equal $token.Scope 'read write'
    $left = ($token.ExpiresAt - [DateTimeOffset]::UtcNow).TotalSeconds
    Assert-True ($left -gt 590 -and $left -le 601) "600 s are left, not $left"
    Assert-True $token.MinValidityMet 'its life is long enough'
}

Test 'nothing that shows a token shows its secret' {
    $account = New-Account
    $token = Get-AuthKeepToken (New-TestClient $account)
    $shown = @(
        $token | Out-String
        $token | Format-List -Property * -Force | Out-String
        $token | Format-Table -Property * | Out-String -Width 4096
        $token | ConvertTo-Json -Depth 3
        "$token"
    ) -join ' '
    Assert-Contains $shown Bearer
    Assert-Lacks $shown $token.GetAccessToken()
}

Test 'the token itself is a string on demand' {
    $client = New-TestClient (New-Account)
    $text = Get-AuthKeepToken $client -AsPlainText
    Assert-Equal ($text.GetType().FullName) System.String
    Assert-Equal $text.Length 128
    Assert-Equal $text (Get-AuthKeepToken $client).GetAccessToken()
}

Test 'the token itself is a SecureString on demand' {
    $client = New-TestClient (New-Account)
    $secure = Get-AuthKeepToken $client -AsSecureString
    Assert-Equal ($secure.GetType().FullName) System.Security.SecureString
    $credential = New-Object System.Management.Automation.PSCredential 'token', $secure
    Assert-Equal ($credential.GetNetworkCredential().Password) (Get-AuthKeepToken $client -AsPlainText)
}

Test 'the second call is served from memory' {
    $account = New-Account
    $client = New-TestClient $account
    $first = Get-AuthKeepToken $client -AsPlainText
    Assert-Equal (Get-AuthKeepToken $client -AsPlainText) $first
    Assert-Equal (Get-Count $account token_requests) 1
}

Test 'clients come by the pipeline, each for a token of its own' {
    $clients = @(New-TestClient (New-Account); New-TestClient (New-Account))
    $tokens = @($clients | Get-AuthKeepToken -AsPlainText)
    Assert-Equal $tokens.Count 2
    Assert-True ($tokens[0] -cne $tokens[1]) 'they differ'
}

Test 'a life that no token has is warned of' {
    $client = New-TestClient (New-Account @{ token_life_ms = 600000 })
    $token = Get-AuthKeepToken $client -MinValiditySec 60 -WarningVariable warnings -WarningAction SilentlyContinue
    Assert-True $token.MinValidityMet '60 s are met'
    Assert-Equal @($warnings).Count 0
    $token = Get-AuthKeepToken $client -MinValiditySec 900 -WarningVariable warnings -WarningAction SilentlyContinue
    Assert-True (-not $token.MinValidityMet) '900 s are not met'
    Assert-Equal @($warnings).Count 1
    Assert-Lacks "$warnings" $token.GetAccessToken()
}

Test 'a refused secret is an authentication error with its facts, and without the secret' {
    $account = New-Account
    $account.Secret = 'a wrong secret'
    $client = New-TestClient $account
    $failure = Assert-Failure { Get-AuthKeepToken $client } AuthKeep.InvalidCredentials AuthenticationError
    Assert-Equal $failure.FullyQualifiedErrorId 'AuthKeep.InvalidCredentials,AuthKeep.PowerShell.GetAuthKeepToken'
    Assert-Equal $failure.Exception.Status InvalidCredentials
    Assert-Equal $failure.Exception.Code oauth.invalid_client
    Assert-Equal $failure.Exception.OAuthError invalid_client
    Assert-Equal $failure.Exception.HttpStatus 401
    Assert-True ($failure.Exception.RetryAfter.TotalSeconds -gt 0) 'it says when to come back'
    Assert-Lacks ($failure | Format-List -Property * -Force | Out-String) $account.Secret
}

Test 'the timeout ends the wait' {
    $account = New-Account
    Set-Switch $account @{ hang = $true }
    $client = New-TestClient $account
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    $null = Assert-Failure { Get-AuthKeepToken $client -TimeoutSec 0.2 } AuthKeep.Deadline OperationTimeout
    Assert-True ($watch.ElapsedMilliseconds -lt 3000) "it took $($watch.ElapsedMilliseconds) ms"
}

Test 'Ctrl+C ends the wait' {
    $account = New-Account
    Set-Switch $account @{ hang = $true }
    $took = Measure-Stop 'Get-AuthKeepToken $client' (New-TestClient $account) $account token_requests
    Assert-True ($took -lt 2000) "it took $took ms"
}

Test 'runspaces share a client, and one token request' {
    $account = New-Account
    Set-Switch $account @{ delay_ms = 100; times = 1 }
    $client = New-TestClient $account
    $shells = foreach ($number in 1..4) {
        $shell = [powershell]::Create()
        $null = $shell.AddScript('param($module, $client) Import-Module $module; Get-AuthKeepToken $client -AsPlainText')
        $null = $shell.AddArgument($modulePath).AddArgument($client)
        [pscustomobject]@{ Shell = $shell; Run = $shell.BeginInvoke() }
    }
    $tokens = foreach ($each in $shells) {
        $each.Shell.EndInvoke($each.Run)
        $each.Shell.Dispose()
    }
    Assert-Equal @($tokens).Count 4
    Assert-Equal @($tokens | Select-Object -Unique).Count 1
    Assert-Equal (Get-Count $account token_requests) 1
}
