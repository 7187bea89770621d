<#
The PowerShell program of `cargo run --example shared_session`: runspaces that share one
client and send requests until the time is over. Prints one line of JSON. PowerShell 7.
#>
param([string] $Config, [string] $Target, [int] $Threads, [double] $Seconds)
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$module = Join-Path (Split-Path (Split-Path $PSScriptRoot)) 'bindings/powershell/AuthKeep'
Import-Module $module
$client = New-AuthKeepClient -Setting (ConvertFrom-Json $Config -AsHashtable)
$end = [DateTime]::UtcNow.AddSeconds($Seconds)

$workers = 1..$Threads | ForEach-Object -ThrottleLimit $Threads -Parallel {
    Import-Module $using:module
    $client = $using:client
    $target = $using:Target
    $end = $using:end
    $failed = 0
    $latencies = [System.Collections.Generic.List[double]]::new()
    while ([DateTime]::UtcNow -lt $end) {
        $watch = [System.Diagnostics.Stopwatch]::StartNew()
        try {
            $null = Invoke-AuthKeepRequest $client $target
        }
        catch {
            $failed++
            [Console]::Error.WriteLine($_.Exception.Message)
        }
        $latencies.Add($watch.Elapsed.TotalMilliseconds * 1000)
    }
    [pscustomobject]@{ Failed = $failed; Latencies = $latencies.ToArray() }
}

# The nearest rank.
$latencies = [double[]] @($workers | ForEach-Object { $_.Latencies })
[array]::Sort($latencies)
$rank = [Math]::Max([Math]::Ceiling($latencies.Length * 0.999), 1)
[ordered]@{
    language   = 'PowerShell'
    threads    = $Threads
    requests   = $latencies.Length
    failed     = ($workers | Measure-Object -Property Failed -Sum).Sum
    latency_us = @{ p99_9 = $latencies[$rank - 1] }
} | ConvertTo-Json -Compress
