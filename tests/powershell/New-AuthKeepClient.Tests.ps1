Test 'a client is made of addresses and a credential, and sends nothing yet' {
    $account = New-Account
    $client = New-TestClient $account
    Assert-Equal ($client.GetType().FullName) AuthKeep.Client
    Assert-Equal (Get-Count $account token_requests) 0
    Assert-Equal (Invoke-AuthKeepRequest $client /api/echo).client_id $account.Id
}

Test 'id and secret may be given one by one' {
    $account = New-Account
    $client = New-AuthKeepClient -BaseUri $server.Url -TokenEndpoint /oauth/token `
        -ClientId $account.Id -ClientSecret (New-Secret $account.Secret)
    Assert-Equal (Get-AuthKeepToken $client).Type Bearer
}

Test 'an absolute token endpoint is taken too, and so are objects of type Uri' {
    $account = New-Account
    $client = New-AuthKeepClient -BaseUri ([uri] $server.Url) -TokenEndpoint ([uri] "$($server.Url)/oauth/token") `
        -Credential (New-Credential $account.Id $account.Secret)
    Assert-Equal (Get-AuthKeepToken $client).Type Bearer
}

Test 'with the password grant the credential is the user' {
    $account = New-Account @{ grants = @('password'); username = 'ada'; password = 'of ada' }
    $client = New-AuthKeepClient -BaseUri $server.Url -TokenEndpoint /oauth/token -Grant password `
        -Credential (New-Credential ada 'of ada') -ClientCredential (New-Credential $account.Id $account.Secret)
    Assert-Equal (Get-AuthKeepToken $client).Type Bearer
}

Test 'the password grant works for a client without a secret' {
    $account = New-Account @{ client_secret = $null; grants = @('password'); username = 'bob'; password = 'of bob' }
    $client = New-AuthKeepClient -BaseUri $server.Url -TokenEndpoint /oauth/token -Grant password `
        -ClientId $account.Id -Credential (New-Credential bob 'of bob')
    Assert-Equal (Get-AuthKeepToken $client).Type Bearer
}

Test 'a refresh token implies its grant' {
    $account = New-Account @{ grants = @('refresh_token'); refresh = 'fixed'; refresh_seed = 'the seed of ps' }
    $client = New-TestClient $account @{ RefreshToken = (New-Secret 'the seed of ps') }
    Assert-Equal (Get-AuthKeepToken $client).Type Bearer
}

Test 'an API key implies its grant, and is the credential itself' {
    $account = New-Account @{ api_key = 'the-key-of-ps' }
    $client = New-AuthKeepClient -BaseUri $server.Url -ApiKey (New-Secret 'the-key-of-ps')
    Assert-Equal (Invoke-AuthKeepRequest $client /api/echo).client_id $account.Id
    Assert-Equal (Get-AuthKeepToken $client).ExpiresAt $null
}

Test 'scopes are asked for together' {
    $account = New-Account @{ scope = 'read write admin' }
    $client = New-TestClient $account @{ Scope = 'read', 'write' }
    Assert-Equal (Get-AuthKeepToken $client).Scope 'read write'
}

Test 'any other key is a setting, nested as it is in JSON' {
    $account = New-Account @{ require_fields = @{ audience = 'shop'; pin = '12' } }
    $client = New-TestClient $account @{
        Setting = @{
            renew_on      = 401, 403
            lifetime      = @{ default_s = 60 }
            token_request = @{ fields = [ordered]@{ audience = 'shop'; pin = (New-Secret '12') } }
        }
    }
    Assert-Equal (Get-AuthKeepToken $client).Type Bearer
}

Test 'a parameter goes before a setting' {
    $account = New-Account
    $client = New-TestClient $account @{ Setting = @{ client_id = 'somebody else' } }
    Assert-Equal (Get-AuthKeepToken $client).Type Bearer
}

Test 'the timeout is that of each call' {
    $account = New-Account
    Set-Switch $account @{ hang = $true; times = 1 }
    $client = New-TestClient $account @{ TimeoutSec = 0.2 }
    $null = Assert-Failure { Get-AuthKeepToken $client } AuthKeep.Deadline OperationTimeout
}

Test 'an unknown key is an error that names the nearest and no value' {
    $account = New-Account
    $failure = Assert-Failure { New-TestClient $account @{ Setting = @{ client_secrte = 'hidden' } } } `
        AuthKeep.InvalidConfig InvalidData
    Assert-Contains "$failure" 'client_secret'
    Assert-Lacks "$failure" 'hidden'
    Assert-Equal $failure.Exception.Code config.unknown_key
}

Test 'what is missing is said' {
    $null = Assert-Failure { New-AuthKeepClient -BaseUri $server.Url } AuthKeep.InvalidConfig InvalidData
}

Test 'a setting of a type that has no JSON is refused' {
    $null = Assert-Failure { New-AuthKeepClient -Setting @{ scope = [guid]::NewGuid() } } AuthKeep.InvalidArgument InvalidArgument
}

# --- providers ---------------------------------------------------------------

Test 'a provider and a credential make a client' {
    $shop = New-Emulation shopware
    $client = New-AuthKeepClient -Provider shopware -BaseUri $shop.url `
        -Credential (New-Credential $shop.settings.client_id $shop.settings.client_secret)
    Assert-Equal (Invoke-AuthKeepRequest $client /api/product -Query @{ limit = 1 }).total 25
}

Test 'where a provider needs a user the credential is that' {
    $aprimo = New-Emulation aprimo-dm
    $client = New-AuthKeepClient -Provider aprimo-dm -BaseUri $aprimo.url -TokenEndpoint /api/v1.0/token `
        -ClientId $aprimo.settings.client_id `
        -Credential (New-Credential $aprimo.settings.username $aprimo.settings.password)
    Assert-Equal (Get-AuthKeepToken $client).Type bearer
}

Test 'an environment is one of the provider' {
    $credential = New-Credential id secret
    $null = New-AuthKeepClient -Provider ingram-micro -Environment sandbox -Credential $credential
    $failure = Assert-Failure { New-AuthKeepClient -Provider ingram-micro -Environment test -Credential $credential } `
        AuthKeep.InvalidConfig InvalidData
    Assert-Contains "$failure" '"production", "sandbox"'
}

Test 'a provider file is read from a path that is relative to the location' {
    $shop = New-Emulation shopware
    Invoke-InFolder {
        $file = @{
            title  = 'A shop'
            config = @{ token_endpoint = '/api/oauth/token'; client_auth = 'body'; token_request = @{ format = 'json' } }
        }
        $text = ConvertTo-Json -InputObject $file -Depth 8
        [System.IO.File]::WriteAllText((Join-Path (Get-Location).ProviderPath shop.json), $text)
        $client = New-AuthKeepClient -Provider shop.json -BaseUri $shop.url `
            -Credential (New-Credential $shop.settings.client_id $shop.settings.client_secret)
        Assert-Equal (Get-AuthKeepToken $client).Type Bearer
    }
}

# --- profiles ----------------------------------------------------------------

function Write-Profile([string] $Path, $Account, $Secret) {
    $keys = @{ base_url = $server.Url; token_endpoint = '/oauth/token'; client_id = $Account.Id; client_secret = $Secret }
    $text = ConvertTo-Json -InputObject @{ profiles = @{ orders = $keys } } -Depth 8
    # Without a byte order mark, which Windows PowerShell's own cmdlets would write.
    [System.IO.File]::WriteAllText((Join-Path (Get-Location).ProviderPath $Path), $text)
}

Test 'a profile is read from a path that is relative to the location' {
    $account = New-Account
    Invoke-InFolder {
        Write-Profile profiles.json $account $account.Secret
        $client = New-AuthKeepClient orders -Path profiles.json
        Assert-Equal (Get-AuthKeepToken $client).Type Bearer
    }
}

Test 'a parameter adds to a profile' {
    $account = New-Account @{ scope = 'read write' }
    Invoke-InFolder {
        Write-Profile profiles.json $account 'an old secret'
        $client = New-AuthKeepClient orders -Path profiles.json -ClientSecret (New-Secret $account.Secret) -Scope read
        Assert-Equal (Get-AuthKeepToken $client).Scope read
    }
}

Test 'a reference in a file by path needs permission, and finds what $env: was set to here' {
    $account = New-Account
    Invoke-InFolder {
        Write-Profile profiles.json $account @{ env = 'AUTHKEEP_TEST_SECRET' }
        $null = Assert-Failure { New-AuthKeepClient orders -Path profiles.json } AuthKeep.NotAllowed PermissionDenied
        $env:AUTHKEEP_TEST_SECRET = $account.Secret
        try {
            $client = New-AuthKeepClient orders -Path profiles.json -AllowReferences
            Assert-Equal (Get-AuthKeepToken $client).Type Bearer
        }
        finally {
            Set-Environment AUTHKEEP_TEST_SECRET $null
        }
    }
}

Test 'the own file of a user is found where $env: says here' {
    $account = New-Account
    # On macOS no variable says where it is.
    if ($libraryName -eq 'libauthkeep.dylib') { return }
    $variable = if ($libraryName -eq 'authkeep.dll') { 'APPDATA' } else { 'XDG_CONFIG_HOME' }
    $before = [Environment]::GetEnvironmentVariable($variable)
    Invoke-InFolder {
        $null = New-Item -ItemType Directory -Path authkeep
        Write-Profile authkeep/profiles.json $account $account.Secret
        Set-Environment $variable (Get-Location).ProviderPath
        try {
            $client = New-AuthKeepClient orders
            Assert-Equal (Get-AuthKeepToken $client).Type Bearer
        }
        finally {
            Set-Environment $variable $before
        }
    }
}

Test 'a profile that is not there is named' {
    Invoke-InFolder {
        Write-Profile profiles.json (New-Account) secret
        $failure = Assert-Failure { New-AuthKeepClient ordres -Path profiles.json } AuthKeep.InvalidConfig InvalidData
        Assert-Contains "$failure" 'ordres'
    }
}

# --- secrets -----------------------------------------------------------------

Test 'nothing that shows a client shows a secret' {
    $account = New-Account
    $client = New-TestClient $account
    $token = Get-AuthKeepToken $client -AsPlainText
    $shown = @(
        $client | Out-String
        $client | Format-List -Property * -Force | Out-String
        $client | ConvertTo-Json -Depth 3
        "$client"
    ) -join ' '
    Assert-Lacks $shown $account.Secret
    Assert-Lacks $shown $token
}
