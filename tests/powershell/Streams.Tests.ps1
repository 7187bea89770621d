# What happens goes to the verbose stream, each request in detail to the debug stream. The
# preference stands for -Debug, by which Windows PowerShell would ask at each message.

# What a script writes to those two streams, as one text.
function Get-Told([scriptblock] $Script) {
    $VerbosePreference = 'Continue'
    $DebugPreference = 'Continue'
    & $Script 4>&1 5>&1 | Where-Object {
        $_ -is [System.Management.Automation.VerboseRecord] -or $_ -is [System.Management.Automation.DebugRecord]
    } | Out-String -Width 4096
}

Test 'what happens is told, with each request in detail' {
    $client = New-TestClient (New-Account)
    $told = Get-Told { Invoke-AuthKeepRequest $client /api/echo }
    Assert-Contains $told 'a token is requested'
    Assert-Contains $told 'a token was issued'
    Assert-Contains $told '/api/echo: HTTP 200'
}

Test '-Verbose alone tells no details' {
    $client = New-TestClient (New-Account)
    $told = Get-AuthKeepToken $client -Verbose 4>&1 5>&1 | Out-String -Width 4096
    Assert-Contains $told 'a token was issued'
    Assert-Lacks $told 'a token is requested'
}

Test 'a failure is told before the error, and is no warning' {
    $account = New-Account
    Set-Switch $account @{ once = $true; fail = @{ status = 401; body = @{ error = 'invalid_client' } } }
    $client = New-TestClient $account
    $shown = @(& { try { Get-AuthKeepToken $client -Verbose } catch { $_ } } 3>&1 4>&1)
    Assert-Equal $shown.Count 2
    Assert-True ($shown[0] -is [System.Management.Automation.VerboseRecord]) 'it is verbose'
    Assert-Contains "$($shown[0])" "$($shown[1])"
}

Test 'what is told has no secret' {
    $account = New-Account
    $client = New-TestClient $account
    $token = Get-AuthKeepToken $client -AsPlainText
    $told = Get-Told {
        Invoke-AuthKeepRequest $client /api/echo?canary-query -Method Post -Body @{ canary = 'body' } -Headers @{
            'X-Key' = 'canary-header'
        }
        Reset-AuthKeepClient $client
        Clear-AuthKeepToken $client
        Get-AuthKeepToken $client
        Get-AuthKeepExplanation $client
    }
    Assert-Contains $told reset
    foreach ($secret in $account.Secret, $token, 'canary') {
        Assert-Lacks $told $secret
    }
}
