# The test server as a child process, and its control routes.

Add-Type -AssemblyName System.Net.Http

$server = $null
$accounts = 0

function Start-TestServer {
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = $env:AUTHKEEP_TEST_SERVER
    $start.UseShellExecute = $false
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $ready = $process.StandardOutput.ReadLine() | ConvertFrom-Json

    # No proxy of the environment stands between a test and its server.
    $handler = New-Object System.Net.Http.HttpClientHandler
    $handler.UseProxy = $false
    $http = New-Object System.Net.Http.HttpClient $handler
    $http.DefaultRequestHeaders.ExpectContinue = $false

    $script:server = [pscustomobject]@{
        Url     = $ready.url
        TlsUrl  = $ready.tls_url
        CaFile  = $ready.ca_file
        Process = $process
        Http    = $http
    }
}

# It ends with its standard input.
function Stop-TestServer {
    $server.Http.Dispose()
    $server.Process.StandardInput.Close()
    $null = $server.Process.WaitForExit(10000)
}

function Send-Control([string] $Route, [hashtable] $Document) {
    $json = ConvertTo-Json -InputObject $Document -Depth 8 -Compress
    $content = New-Object System.Net.Http.StringContent $json, ([System.Text.Encoding]::UTF8), 'application/json'
    $answer = $server.Http.PostAsync("$($server.Url)/control/$Route", $content).GetAwaiter().GetResult()
    $text = $answer.Content.ReadAsStringAsync().GetAwaiter().GetResult()
    if (-not $answer.IsSuccessStatusCode) {
        throw "control/${Route}: $text"
    }
    $text
}

# Opens an emulation of one vendor's system, on ports of its own: its url, and its settings.
function New-Emulation([string] $Provider) {
    Send-Control emulate @{ provider = $Provider } | ConvertFrom-Json
}

# Registers a client with an id of its own; the members are those of the server's Registration.
function New-Account([hashtable] $Member = @{}) {
    $script:accounts++
    $id = "powershell-$accounts"
    $registration = @{ client_id = $id; client_secret = "secret of $id" }
    foreach ($key in $Member.Keys) {
        $registration[$key] = $Member[$key]
    }
    $null = Send-Control clients $registration
    [pscustomobject]@{ Id = $id; Secret = $registration.client_secret }
}

# Makes something go wrong for an account; the members are those of the server's Switch.
function Set-Switch($Account, [hashtable] $Member) {
    $null = Send-Control switch (@{ client_id = $Account.Id } + $Member)
}

# One of the server's counters for an account.
function Get-Count($Account, [string] $Counter) {
    $json = $server.Http.GetStringAsync("$($server.Url)/control/stats").GetAwaiter().GetResult()
    $counts = (ConvertFrom-Json $json).clients.PSObject.Properties[$Account.Id]
    $count = if ($counts) { $counts.Value.PSObject.Properties[$Counter] }
    if ($count) { [int] $count.Value } else { 0 }
}

# Returns when a counter has got there; a hang tells nothing.
function Wait-Count($Account, [string] $Counter, [int] $Least) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    while ((Get-Count $Account $Counter) -lt $Least) {
        if ($watch.Elapsed.TotalSeconds -gt 30) {
            throw "waited in vain for $Counter of $Least"
        }
        Start-Sleep -Milliseconds 5
    }
}
