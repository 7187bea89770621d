//! What a user gets wrong, and the message that the page explains.

use std::collections::BTreeSet;

use authkeep::{Call, Client, Config, Error};
use serde_json::{Value, json};

use crate::support::server::TestServer;
use crate::{Desk, SYSTEMS, page};

/// What a user gets wrong.
struct Mistake {
    of: &'static str,
    /// In the profile.
    changes: Value,
    /// What the variable of the secret has; `None`: it isn't set.
    secret: Option<&'static str>,
    target: &'static str,
    code: &'static str,
}

fn mistake(of: &'static str, changes: Value, code: &'static str) -> Mistake {
    Mistake {
        of,
        changes,
        secret: Some("wrong"),
        target: "/",
        code,
    }
}

fn mistakes() -> Vec<Mistake> {
    let elsewhere = |of, target| Mistake {
        target,
        ..mistake(of, json!({}), "target.not_allowed")
    };
    let mut mistakes = vec![
        mistake("aprimo-dm", json!({}), "oauth.invalid_grant"),
        mistake(
            "aprimo-dm",
            json!({"client_id": "another"}),
            "oauth.invalid_client",
        ),
        mistake("aprimo-dm", json!({"username": null}), "config.missing_key"),
        mistake(
            "aprimo-dm",
            json!({"client_secret": "x"}),
            "config.conflict",
        ),
        mistake(
            "cloudblue-connect",
            json!({"api_key": null}),
            "config.missing_key",
        ),
        elsewhere("cloudblue-connect", "HERE/products"),
        mistake("ingram-micro", json!({}), "token.refused"),
        mistake(
            "ingram-micro",
            json!({"client_id": null}),
            "config.missing_key",
        ),
        mistake(
            "ingram-micro",
            json!({"environment": "test"}),
            "config.invalid_value",
        ),
        elsewhere("ingram-micro", "HERE/sandbox/orders"),
        mistake("inventorypro", json!({}), "oauth.invalid_client"),
        mistake(
            "inventorypro",
            json!({"client_id": null}),
            "config.missing_key",
        ),
        mistake(
            "inventorypro",
            json!({"base_url": "http://your-host"}),
            "config.http_not_allowed",
        ),
        mistake("shopware", json!({}), "token.refused"),
        mistake(
            "shopware",
            json!({"client_secret": null}),
            "config.missing_key",
        ),
        mistake(
            "shopware",
            json!({"client_id": null, "client_secret": null, "grant": "password",
                "username": "admin", "password": {"env": "SHOP_PASSWORD"}}),
            "token.refused",
        ),
        mistake(
            "shopware",
            json!({"client_id": null, "client_secret": null, "grant": "refresh_token",
                "refresh_token": {"env": "SHOP_REFRESH_TOKEN"}}),
            "token.sign_in",
        ),
    ];
    // Id and secret swapped.
    for (name, id, code) in [
        ("ingram-micro", "YOUR_CLIENT_ID", "token.refused"),
        ("inventorypro", "YOUR_CLIENT_ID", "oauth.invalid_client"),
        ("shopware", "SWIACLIENTID", "token.refused"),
    ] {
        mistakes.push(Mistake {
            secret: Some(id),
            ..mistake(name, json!({"client_id": "wrong"}), code)
        });
    }
    for (name, ..) in SYSTEMS {
        mistakes.push(Mistake {
            secret: None,
            ..mistake(name, json!({}), "secret.env_missing")
        });
    }
    mistakes
}

#[test]
fn each_message_of_a_page_is_what_a_user_gets_and_each_mistake_has_one() {
    let server = TestServer::start();
    let mut lacking = Vec::new();
    let mut explained = BTreeSet::new();
    for mistake in mistakes() {
        let desk = Desk::of(&server, mistake.of);
        let error = made(&desk, &mistake).expect_err(mistake.code);
        assert_eq!(error.code(), mistake.code, "{}: {error}", mistake.of);
        let message = error.message().replace(&desk.emulation.url, desk.origin);
        assert!(!message.contains("wrong"), "{message}");
        let pause = "; no further attempt ";
        if ["oauth.", "token."]
            .iter()
            .any(|group| mistake.code.starts_with(group))
        {
            assert!(message.contains(pause), "{message}");
            let told = &message[message.find(pause).unwrap() + 2..];
            assert!(page(mistake.of).contains(&format!("`{told}`")), "{told}");
        }
        let message = message.split(pause).next().unwrap();
        if page(mistake.of).contains(&format!("\n| `{message}` | ")) {
            explained.insert(format!("{}: {message}", mistake.of));
        } else {
            lacking.push(format!("{}: {message}", mistake.of));
        }
    }
    assert!(lacking.is_empty(), "{}", lacking.join("\n"));
    let rows = |name: &str| {
        page(name).split("\n| message |").nth(1).map(|rest| {
            let table = rest.split("\n\n").next().unwrap();
            table.matches("\n| `").count()
        })
    };
    let shown: usize = SYSTEMS.iter().filter_map(|(name, ..)| rows(name)).sum();
    assert_eq!(
        shown,
        explained.len(),
        "a message is shown that no mistake leads to"
    );
}

fn made(desk: &Desk, mistake: &Mistake) -> Result<(), Error> {
    let file = desk.write(mistake.changes.clone());
    let mut config = Config::new();
    if let Some(secret) = mistake.secret {
        for variable in [
            desk.secret().1.as_str(),
            "SHOP_PASSWORD",
            "SHOP_REFRESH_TOKEN",
        ] {
            config.set_env(variable, secret)?;
        }
    }
    config.load_profile(&desk.label, Some(&file), true)?;
    let client = Client::new(&config)?;
    let target = mistake.target.replace("HERE", &desk.emulation.url);
    client.get(&target, &Call::new()).map(|_| ())
}
