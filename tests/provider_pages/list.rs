//! The list, and what each page has of it.

use authkeep::{Client, Config, Provider};
use serde_json::json;

use crate::support::page::assert_is;
use crate::{SYSTEMS, page, profiles};

const HEAD: &str = "\
<!-- Rendered from src/provider; AUTHKEEP_BLESS=1 cargo test --test provider_pages writes it. -->

# Providers

A provider says how a system is talked to: name one, give what it needs, and call the system.

```json
{
  \"provider\": \"shopware\",
  \"base_url\": \"https://shop.example\",
  \"client_id\": \"SWIACLIENTID\",
  \"client_secret\": {\"env\": \"SHOP_SECRET\"}
}
```

It sets keys of [config.md](../config.md), which a profile or a program may set otherwise. A system
that isn't here is a [file of your own](../config.md#provider-files). A key that is missing is an
error that says where it is found.
";

#[test]
fn the_list_is_that_of_the_library() {
    let mut rendered = HEAD.to_owned();
    for provider in Provider::all() {
        let (name, title) = (provider.name(), provider.title());
        rendered += &format!("\n## [`{name}`]({name}.md): {title}\n");
        rendered += &format!("\n{}\n\n{}", provider.about(), needs(provider));
    }
    assert_is("docs/providers/README.md", &rendered, "provider_pages");
}

#[test]
fn each_provider_has_a_page_with_what_it_needs_and_profiles_that_are_complete() {
    let names: Vec<&str> = Provider::all().iter().map(Provider::name).collect();
    assert_eq!(names, SYSTEMS.map(|(name, ..)| name));
    for provider in Provider::all() {
        let page = page(provider.name());
        assert!(page.starts_with(&format!("# {}\n", provider.title())));
        assert!(page.contains(&needs(provider)), "{}", provider.name());
        for (label, profile) in profiles(&page) {
            assert_eq!(profile["provider"], provider.name(), "{label}");
            let mut config = Config::new();
            config.merge_json(&json!(profile).to_string()).unwrap();
            Client::new(&config).unwrap_or_else(|error| panic!("{label}: {error}"));
        }
    }
}

fn needs(provider: &Provider) -> String {
    let of_one_grant = provider.needs().iter().any(|need| need.grant().is_some());
    let mut table = match of_one_grant {
        true => "| key | grant | where it is found |\n|---|---|---|\n".to_owned(),
        false => "| key | where it is found |\n|---|---|\n".to_owned(),
    };
    for need in provider.needs() {
        table += &format!("| `{}` | ", need.key());
        match need.grant() {
            Some(grant) => table += &format!("`{grant}` | "),
            None if of_one_grant => table += "every | ",
            None => {}
        }
        table += &format!("{} |\n", need.place());
    }
    table
}
