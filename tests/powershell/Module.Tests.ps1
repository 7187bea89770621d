$cmdlets = @(
    'Clear-AuthKeepToken', 'Get-AuthKeepExplanation', 'Get-AuthKeepProvider', 'Get-AuthKeepToken'
    'Invoke-AuthKeepRequest', 'New-AuthKeepClient', 'Remove-AuthKeepClient', 'Reset-AuthKeepClient'
)

Test 'the module exports its cmdlets and nothing else' {
    $module = Get-Module AuthKeep
    Assert-Equal @($module.ExportedCommands.Keys | Sort-Object) $cmdlets
    Assert-Equal $module.ExportedVariables.Count 0
    foreach ($cmdlet in $cmdlets) {
        Assert-Equal (Get-Command $cmdlet).CommandType Cmdlet
    }
}

Test 'the module may be imported again, and a client from before goes on' {
    $account = New-Account
    $client = New-TestClient $account
    Import-Module $modulePath -Force
    Import-Module $modulePath -Force
    Assert-Equal @((Get-Module AuthKeep).ExportedCommands.Keys | Sort-Object) $cmdlets
    Assert-Equal (Invoke-AuthKeepRequest $client /api/echo).client_id $account.Id
    Assert-Equal (Get-AuthKeepToken (New-TestClient $account)).Type Bearer
}

Test 'the module may be removed and imported' {
    Remove-Module AuthKeep
    Import-Module $modulePath
    Assert-Equal (Get-AuthKeepToken (New-TestClient (New-Account))).Type Bearer
}

Test 'several runspaces of a new process may import it at once' {
    $script = @'
        $shells = foreach ($number in 1..4) {
            $shell = [powershell]::Create()
            $null = $shell.AddScript('param($module) Import-Module $module; (Get-Module AuthKeep).ExportedCmdlets.Count')
            $null = $shell.AddArgument($env:AUTHKEEP_TEST_MODULE)
            [pscustomobject]@{ Shell = $shell; Run = $shell.BeginInvoke() }
        }
        $counts = foreach ($each in $shells) {
            $each.Shell.EndInvoke($each.Run)
            $each.Shell.Streams.Error
        }
        $counts -join ' '
'@
    Invoke-InFolder {
        Assert-Equal (Invoke-NewProcess $script @{ AUTHKEEP_TEST_MODULE = $modulePath }) '8 8 8 8'
    }
}

Test 'a plain copy of the folder works, with the library in it or beside it' {
    $script = @'
        Import-Module ./AuthKeep
        [AuthKeep.Library]::Origin
        New-AuthKeepClient -BaseUri https://api.example -ApiKey (ConvertTo-SecureString key -AsPlainText -Force) |
            Get-AuthKeepToken -AsPlainText
'@
    Invoke-InFolder {
        Copy-Module
        $said = Invoke-NewProcess $script @{ AUTHKEEP_LIBRARY = $null }
        Assert-Equal ($said -split '\r?\n')[-1] key
        Assert-Contains $said (Join-Path AuthKeep $libraryName)

        Move-Item -LiteralPath (Join-Path AuthKeep $libraryName) -Destination .
        $said = Invoke-NewProcess $script @{ AUTHKEEP_LIBRARY = $null }
        Assert-Equal ($said -split '\r?\n')[-1] key
        Assert-Lacks $said (Join-Path AuthKeep $libraryName)
    }
}

Test 'a library that is not there is said, and where it was looked for' {
    Invoke-InFolder {
        Copy-Module
        Remove-Item -LiteralPath (Join-Path AuthKeep $libraryName)
        $script = 'try { Import-Module ./AuthKeep } catch { $_.Exception.Message }'
        $said = Invoke-NewProcess $script @{ AUTHKEEP_LIBRARY = $null }
        Assert-Contains $said $libraryName
        Assert-Contains $said AUTHKEEP_LIBRARY
        Assert-Contains $said (Join-Path (Get-Location).ProviderPath AuthKeep)
        $said = Invoke-NewProcess $script @{ AUTHKEEP_LIBRARY = 'no-such-library' }
        Assert-Contains $said no-such-library
    }
}

Test 'sources that are not there are said' {
    Invoke-InFolder {
        Copy-Module
        Remove-Item -LiteralPath AuthKeep/dotnet -Recurse
        Remove-Item -Path AuthKeep/*.PowerShell.dll
        $said = Invoke-NewProcess 'try { Import-Module ./AuthKeep } catch { $_.Exception.Message }'
        Assert-Contains $said pack.sh
        Assert-Contains $said AuthKeep.PowerShell.dll
    }
}

# --- help --------------------------------------------------------------------

Test 'each cmdlet has help with examples, and each parameter a text' {
    $common = [System.Management.Automation.Cmdlet]::CommonParameters
    foreach ($cmdlet in $cmdlets) {
        $help = Get-Help $cmdlet -Full
        Assert-True ($help.Synopsis -and $help.Synopsis -notlike "*$cmdlet *") "$cmdlet has a synopsis"
        Assert-True (@($help.examples.example).Count -ge 2) "$cmdlet has two examples"
        $described = @($help.parameters.parameter | Where-Object { ($_.description | Out-String).Trim() } | ForEach-Object { $_.name })
        $parameters = (Get-Command $cmdlet).Parameters.Keys |
            Where-Object { $_ -notin $common -and $_ -notin 'WhatIf', 'Confirm' }
        foreach ($parameter in $parameters) {
            Assert-True ($described -contains $parameter) "-$parameter of $cmdlet is described"
        }
    }
}

Test 'the about page is found when the module is on the path' {
    $before = $env:PSModulePath
    $env:PSModulePath = (Split-Path $modulePath) + [System.IO.Path]::PathSeparator + $before
    try {
        Assert-Contains (Get-Help about_AuthKeep | Out-String) New-AuthKeepClient
    }
    finally {
        $env:PSModulePath = $before
    }
}
