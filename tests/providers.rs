//! What a user gives to a provider, and in which words the rest is refused.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use authkeep::{Client, Config, Error, Provider, Status};
use serde_json::{Value, json};

fn made(keys: Value) -> Result<Client, Error> {
    let mut config = Config::new();
    config.merge_json(&keys.to_string())?;
    Client::new(&config)
}

fn refused(keys: Value, code: &str) -> String {
    let error = made(keys).unwrap_err();
    assert_eq!(error.status(), Status::InvalidConfig, "{error}");
    assert_eq!(error.code(), code, "{error}");
    error.message().to_owned()
}

/// A value for each key that a provider may need.
fn value_of(key: &str) -> Value {
    match key {
        "base_url" => json!("https://api.example"),
        _ => json!("a value"),
    }
}

#[test]
fn every_provider_makes_a_client_of_what_it_says_it_needs_and_of_nothing_less() {
    for provider in Provider::all() {
        let mut grants: Vec<Option<&str>> = provider.needs().iter().map(|n| n.grant()).collect();
        grants.retain(Option::is_some);
        if grants.is_empty() {
            grants.push(None);
        }
        for grant in grants {
            let mut keys = json!({"provider": provider.name()});
            if let Some(grant) = grant {
                keys["grant"] = json!(grant);
            }
            let needs: Vec<&str> = provider
                .needs()
                .iter()
                .filter(|need| need.grant().is_none() || need.grant() == grant)
                .map(|need| need.key())
                .collect();
            for need in &needs {
                keys[need] = value_of(need);
            }
            made(keys.clone())
                .unwrap_or_else(|error| panic!("{} {grant:?}: {error}", provider.name()));
            for need in needs {
                let mut less = keys.clone();
                less.as_object_mut().unwrap().remove(need);
                let message = refused(less, "config.missing_key");
                let begin = format!("\"{need}\" is missing; {} needs it (see ", provider.title());
                assert!(message.starts_with(&begin), "{message}");
            }
        }
    }
}

#[test]
fn a_missing_key_is_named_with_the_place_in_the_vendors_console() {
    assert_eq!(
        refused(
            json!({"provider": "shopware", "base_url": "https://shop.example", "client_id": "SWIA"}),
            "config.missing_key"
        ),
        "\"client_secret\" is missing; Shopware 6 Admin API needs it (see the shop's \
         administration, Settings, System, Integrations: Secret access key, shown once when the \
         integration is made)"
    );
}

#[test]
fn an_unknown_provider_environment_or_grant_is_refused_with_those_that_are_known() {
    assert_eq!(
        refused(json!({"provider": "shopwre"}), "config.invalid_value"),
        "\"provider\" must be one of \"aprimo-dm\", \"cloudblue-connect\", \"ingram-micro\", \
         \"inventorypro\", \"shopware\", or the path of a provider file"
    );
    let ingram = json!({"provider": "ingram-micro", "client_id": "i", "client_secret": "s"});
    let with = |key: &str, value: &str| {
        let mut keys = ingram.clone();
        keys[key] = json!(value);
        keys
    };
    assert_eq!(
        refused(with("environment", "test"), "config.invalid_value"),
        "\"environment\" must be one of \"production\", \"sandbox\" for Ingram Micro"
    );
    assert_eq!(
        refused(with("grant", "password"), "config.invalid_value"),
        "\"grant\" must be one of \"client_credentials\" for Ingram Micro"
    );
    assert_eq!(
        refused(json!({"environment": "sandbox"}), "config.conflict"),
        "\"environment\" is one of a provider's; set \"provider\" too"
    );
    let key = json!({"provider": "cloudblue-connect", "api_key": "k", "environment": "x"});
    assert_eq!(
        refused(key, "config.invalid_value"),
        "\"environment\" can't be chosen for CloudBlue Connect; remove it"
    );
}

#[test]
fn a_provider_file_of_ones_own_is_named_by_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.json");
    let write = |value: Value| std::fs::write(&path, value.to_string()).unwrap();
    let keys = json!({"provider": path.to_str().unwrap(), "client_secret": "s"});
    assert!(refused(keys.clone(), "config.provider_file").ends_with("does not exist"));
    write(json!({
        "title": "Example Orders",
        "needs": [{"key": "client_id", "place": "the console"}],
        "config": {"base_url": "https://orders.example", "token_endpoint": "/token"},
    }));
    assert_eq!(
        refused(keys.clone(), "config.missing_key"),
        "\"client_id\" is missing; Example Orders needs it (see the console)"
    );
    let mut whole = keys.clone();
    whole["client_id"] = json!("me");
    made(whole.clone()).unwrap();
    write(json!({"title": "T", "config": {"client_secrte": "s"}}));
    assert_eq!(
        refused(whole.clone(), "config.unknown_key"),
        "\"client_secrte\" is not a key of authkeep; did you mean \"client_secret\"? (in provider \
         \"orders\")"
    );
    write(json!({"title": "T", "settings": {}}));
    assert_eq!(
        refused(whole.clone(), "config.provider_file"),
        "orders.json is no provider file (unknown field `settings`, expected one of `title`, \
         `about`, `needs`, `config`, `grants`, `environments`); it is an object with \"title\", and \
         may have \"about\", \"needs\", \"config\", \"grants\" and \"environments\""
    );
    // What this user doesn't choose, the next one may.
    for unchosen in [
        json!({"title": "T", "grants": {"client_credentials": {}, "password": {"scop": "a"}}}),
        json!({"title": "T", "config": {"environment": "a"},
            "environments": {"a": {}, "b": {"scop": "a"}}}),
        json!({"title": "T", "needs": [{"key": "scop", "grant": "password", "place": "there"}]}),
    ] {
        write(unchosen);
        assert_eq!(
            refused(whole.clone(), "config.unknown_key"),
            "\"scop\" is not a key of authkeep; did you mean \"scope\"? (in provider \"orders\")"
        );
    }
    write(json!({"title": "T", "config": {"client_secret": {"command": ["steal"]}}}));
    let error = made(whole).unwrap_err();
    assert_eq!(error.status(), Status::NotAllowed);
    assert_eq!(
        error.message(),
        "\"client_secret\" is a reference (command), which a provider may not have; it says how a \
         system is talked to, not who talks (in provider \"orders\")"
    );
}

#[test]
fn what_a_user_sets_goes_before_what_the_provider_says() {
    let error = made(json!({
        "provider": "ingram-micro", "client_id": "i", "client_secret": "s",
        "base_url": "http://elsewhere.example",
    }))
    .unwrap_err();
    assert_eq!(error.code(), "config.http_not_allowed");
}
