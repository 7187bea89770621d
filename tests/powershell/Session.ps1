# Clients, credentials, other PowerShells, and folders.

$modulePath = if ($env:AUTHKEEP_MODULE) { $env:AUTHKEEP_MODULE } else {
    Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'bindings/powershell/AuthKeep'
}
$modulePath = (Resolve-Path -LiteralPath $modulePath).ProviderPath

$libraryName = if ([System.IO.Path]::DirectorySeparatorChar -eq '\') { 'authkeep.dll' }
elseif (Test-Path '/System/Library/CoreServices') { 'libauthkeep.dylib' }
else { 'libauthkeep.so' }

function New-Credential([string] $Name, [string] $Secret) {
    New-Object System.Management.Automation.PSCredential $Name, (New-Secret $Secret)
}

function New-Secret([string] $Text) {
    ConvertTo-SecureString $Text -AsPlainText -Force
}

# A client of an account, with further or other parameters of New-AuthKeepClient.
function New-TestClient($Account, [hashtable] $Parameter = @{}) {
    $parameters = @{
        BaseUri       = $server.Url
        TokenEndpoint = '/oauth/token'
        Credential    = New-Credential $Account.Id $Account.Secret
    }
    foreach ($name in $Parameter.Keys) {
        $parameters[$name] = $Parameter[$name]
    }
    New-AuthKeepClient @parameters
}

# Copies the module with all that it needs, as bindings/powershell/pack.sh does, below the location.
function Copy-Module {
    Copy-Item -LiteralPath $modulePath -Destination AuthKeep -Recurse
    if (-not (Test-Path -LiteralPath AuthKeep/dotnet)) {
        $null = New-Item -ItemType Directory -Path AuthKeep/dotnet
        Copy-Item -Path (Join-Path $modulePath '../../dotnet/*.cs') -Destination AuthKeep/dotnet
    }
    Copy-Item -LiteralPath $env:AUTHKEEP_LIBRARY -Destination (Join-Path AuthKeep $libraryName)
}

# Runs a script in a PowerShell process of its own at the location, with these environment
# variables ($null for none); its output, errors included, as one text.
function Invoke-NewProcess([string] $Script, [hashtable] $Environment = @{}) {
    Set-Content -LiteralPath script.ps1 -Value $Script -Encoding UTF8
    $before = @{}
    foreach ($name in $Environment.Keys) {
        $before[$name] = [Environment]::GetEnvironmentVariable($name)
        Set-Environment $name $Environment[$name]
    }
    # An error of a native program is no error of this one.
    $ErrorActionPreference = 'Continue'
    try {
        $shell = (Get-Process -Id $PID).Path
        (& $shell -NoProfile -NonInteractive -File script.ps1 2>&1 | Out-String -Width 4096).Trim()
    }
    finally {
        foreach ($name in $before.Keys) {
            Set-Environment $name $before[$name]
        }
    }
}

# Sets an environment variable, or removes it; .NET methods take $null for an empty text.
function Set-Environment([string] $Name, $Value) {
    if ($null -eq $Value) {
        Remove-Item -Path "env:$Name" -ErrorAction Ignore
    }
    else {
        Set-Item -Path "env:$Name" -Value $Value
    }
}

# Runs a script in a folder of its own, which is removed afterwards.
function Invoke-InFolder([scriptblock] $Body) {
    $folder = Join-Path ([System.IO.Path]::GetTempPath()) ([guid]::NewGuid())
    $null = New-Item -ItemType Directory -Path $folder
    Push-Location -LiteralPath $folder
    try {
        & $Body
    }
    finally {
        Pop-Location
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
}

# Runs a script in another runspace and stops it, as Ctrl+C does, when the account's counter
# has got to 1; milliseconds from the stop to the end.
function Measure-Stop([string] $Script, $Client, $Account, [string] $Counter) {
    $shell = [powershell]::Create()
    try {
        $null = $shell.AddScript('param($module, $client) Import-Module $module; ' + $Script)
        $null = $shell.AddArgument($modulePath).AddArgument($Client)
        $null = $shell.BeginInvoke()
        Wait-Count $Account $Counter 1
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        Assert-Equal $shell.InvocationStateInfo.State Stopped
        $watch.ElapsedMilliseconds
    }
    finally {
        $shell.Dispose()
    }
}
