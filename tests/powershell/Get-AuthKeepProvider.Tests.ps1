Test 'every provider is listed, with what it needs and where that is found' {
    $providers = @(Get-AuthKeepProvider)
    Assert-Equal $providers.Name ('aprimo-dm', 'cloudblue-connect', 'ingram-micro', 'inventorypro', 'shopware')
    foreach ($provider in $providers) {
        Assert-True $provider.Title "$provider has a title"
        Assert-True (@($provider.Needs).Count -ge 1) "$provider needs something"
        foreach ($need in $provider.Needs) {
            Assert-True ($need.Key -and $need.Place) "$need of $provider is found somewhere"
        }
    }
}

Test 'names and wildcards choose' {
    Assert-Equal (Get-AuthKeepProvider SHOPWARE).Name shopware
    Assert-Equal @(Get-AuthKeepProvider in*).Name ('ingram-micro', 'inventorypro')
    Assert-Equal @('shopware', 'aprimo*' | Get-AuthKeepProvider).Name ('shopware', 'aprimo-dm')
    Assert-Equal @(Get-AuthKeepProvider 'no such*').Count 0
}

Test 'an unknown name is an error that does not end the statement' {
    $found = @(Get-AuthKeepProvider @('shopwre', 'shopware') -ErrorAction SilentlyContinue -ErrorVariable failures)
    Assert-Equal $found.Count 1
    Assert-Equal ($failures[0].FullyQualifiedErrorId -replace ',.*') AuthKeep.UnknownProvider
    Assert-Contains "$($failures[0])" 'shopwre'
}
