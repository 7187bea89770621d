# Loads the C# of this module, prebuilt or from its sources, and the native library.
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# All runspaces of a process share the types, which are compiled once and stay.
[System.Threading.Monitor]::Enter([psobject])
try {
    if (-not ('AuthKeep.PowerShell.ClientCommand' -as [type])) {
        $prebuilt = Join-Path $PSScriptRoot 'AuthKeep.PowerShell.dll'
        if (Test-Path -LiteralPath $prebuilt) {
            Add-Type -LiteralPath $prebuilt
        }
        else {
            # In a packed module, and in a checkout.
            $binding = 'dotnet', '../../dotnet' | ForEach-Object { Join-Path $PSScriptRoot $_ }
            $sources = @($binding | Where-Object { Test-Path -LiteralPath (Join-Path $_ 'Client.cs') } | Select-Object -First 1)
            if (-not $sources) {
                throw "authkeep: neither $prebuilt nor the sources of the .NET binding in $($binding -join ' or ') " +
                    'are there; bindings/powershell/pack.sh puts all that belongs together into one folder'
            }
            $sources += Join-Path $PSScriptRoot 'cmdlets'
            Add-Type -LiteralPath @(Get-ChildItem -LiteralPath $sources -Filter '*.cs' | ForEach-Object { $_.FullName })
        }
    }
}
finally {
    [System.Threading.Monitor]::Exit([psobject])
}

try {
    [AuthKeep.Library]::Load($PSScriptRoot, (Split-Path $PSScriptRoot))
}
catch {
    throw $_.Exception.GetBaseException()
}

$inner = Import-Module -Assembly ([AuthKeep.PowerShell.ClientCommand].Assembly) -PassThru

# After Import-Module -Force the inner module counts as loaded, and its cmdlets would
# not be exported again (PowerShell issue 20710); once too often does no harm.
$export = [psmoduleinfo].GetMethod('AddExportedCmdlet', [System.Reflection.BindingFlags]'Instance, NonPublic')
if ($export) {
    foreach ($cmdlet in $inner.ExportedCmdlets.Values) {
        $null = $export.Invoke($ExecutionContext.SessionState.Module, @(, $cmdlet))
    }
}
