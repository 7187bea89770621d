@{
    RootModule           = 'AuthKeep.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '18d9cb2e-c7a3-4577-8596-94b4bf98232e'
    Author               = 'authkeep contributors'
    Copyright            = '(c) authkeep contributors. MIT or Apache-2.0.'
    Description          = 'OAuth 2.0 access tokens that never end, and authenticated HTTP requests with them, as Invoke-RestMethod feels.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    CmdletsToExport      = @(
        'Clear-AuthKeepToken'
        'Get-AuthKeepExplanation'
        'Get-AuthKeepProvider'
        'Get-AuthKeepToken'
        'Invoke-AuthKeepRequest'
        'New-AuthKeepClient'
        'Remove-AuthKeepClient'
        'Reset-AuthKeepClient'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags = @('OAuth2', 'token', 'REST', 'HTTP', 'PSEdition_Desktop', 'PSEdition_Core')
        }
    }
}
