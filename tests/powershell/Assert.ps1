# What a test is, and how it fails.

$passed = 0
$failed = 0

# Runs a test. What it puts out is of no interest; an error is its failure.
function Test([string] $Name, [scriptblock] $Body) {
    $watch = [System.Diagnostics.Stopwatch]::StartNew()
    try {
        $null = & $Body
        $script:passed++
        'ok    {0} ({1} ms)' -f $Name, $watch.ElapsedMilliseconds
    }
    catch {
        $script:failed++
        'FAIL  {0}: {1}' -f $Name, $_.Exception.Message
        $_.ScriptStackTrace -split '\r?\n' | Select-Object -First 3 | ForEach-Object { "          $_" }
    }
}

# Lists are equal if their items are, as text and with the case of letters.
function Assert-Equal($Actual, $Expected) {
    $seen = @($Actual) -join '|'
    $wanted = @($Expected) -join '|'
    if ($seen -cne $wanted) {
        throw "it is '$seen', and should be '$wanted'"
    }
}

function Assert-True($Holds, [string] $What) {
    if (-not $Holds) {
        throw "not so: $What"
    }
}

function Assert-Contains([string] $Text, [string] $Part) {
    if (-not $Text.Contains($Part)) {
        throw "'$Part' is not in: $Text"
    }
}

function Assert-Lacks([string] $Text, [string] $Part) {
    if (-not $Part) {
        throw 'nothing was looked for'
    }
    if ($Text.Contains($Part)) {
        throw "'$Part' is in: $Text"
    }
}

# The error record that a script ends with.
function Get-Failure([scriptblock] $Script) {
    try {
        $null = & $Script
    }
    catch {
        return $_
    }
    throw 'it did not fail'
}

# The failure of a script has this id (without the cmdlet's name) and category.
function Assert-Failure([scriptblock] $Script, [string] $Id, [string] $Category) {
    $failure = Get-Failure $Script
    Assert-Equal ($failure.FullyQualifiedErrorId -split ',')[0] $Id
    Assert-Equal $failure.CategoryInfo.Category $Category
    $failure
}
