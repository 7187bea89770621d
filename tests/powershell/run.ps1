<#
Runs the tests of the PowerShell module and prints a line for each.

    pwsh -NoProfile -File tests/powershell/run.ps1 [-Name Invoke*]

Needs nothing but PowerShell (Windows PowerShell 5.1 will do) and two paths in the
environment: AUTHKEEP_LIBRARY, the native library, and AUTHKEEP_TEST_SERVER, the
test server. AUTHKEEP_MODULE names the module's folder if it is not that of this
checkout. Ends with "N passed, N failed", and with exit code 1 if any failed.
#>
param(
    # Which files to run, as a wildcard of their names.
    [string] $Name = '*'
)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

foreach ($variable in 'AUTHKEEP_LIBRARY', 'AUTHKEEP_TEST_SERVER') {
    $path = [Environment]::GetEnvironmentVariable($variable)
    if (-not $path -or -not (Test-Path -LiteralPath $path -PathType Leaf)) {
        [Console]::Error.WriteLine("$variable must be the path of a file; it is '$path'")
        exit 2
    }
    # The tests change the location.
    Set-Item -Path "env:$variable" -Value (Resolve-Path -LiteralPath $path).ProviderPath
}

. (Join-Path $PSScriptRoot 'Assert.ps1')
. (Join-Path $PSScriptRoot 'Server.ps1')
. (Join-Path $PSScriptRoot 'Session.ps1')

$files = @(Get-ChildItem -LiteralPath $PSScriptRoot -Filter '*.Tests.ps1' | Where-Object { $_.Name -like "$Name*" })
if (-not $files) {
    [Console]::Error.WriteLine("no tests are named $Name")
    exit 2
}

"PowerShell $($PSVersionTable.PSVersion), module $modulePath"
Import-Module $modulePath
"native library: $([AuthKeep.Library]::Origin)"
Start-TestServer
try {
    foreach ($file in $files) {
        "# $($file.Name)"
        . $file.FullName
    }
}
finally {
    Stop-TestServer
}
"$passed passed, $failed failed"
exit [int]($failed -gt 0)
