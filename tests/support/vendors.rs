//! The life of a credential at each system that the library knows by name: one
//! scenario, for any driver, against the system's emulation.
//!
//! Each stage gets an emulation of its own, and ends with what that counted.
//! What is not as it should be is a fault; a refusal that was not meant to
//! happen is one, too.

use std::ops::RangeInclusive;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use authkeep::Provider;
use serde_json::{Value, json};

use super::drivers::{Answer, Driver, Session};
use super::programs::with;
use super::server::{Emulation, TestServer};

/// The stages, in their order.
pub const STAGES: [&str; 6] = [
    "first token",
    "renewal",
    "401",
    "403",
    "refusal",
    "wrong secret",
];

const LIFE_MS: u64 = 2_000;
/// Longer than a token lives.
const RENEWAL: Duration = Duration::from_millis(2_600);

/// A system, and where its emulation has what.
pub struct Vendor {
    /// The name of the provider, and of the emulation.
    pub provider: &'static str,
    /// What follows the origin in its base URL.
    base: &'static str,
    /// A list, and where to post.
    pub list: &'static str,
    /// Its tokens expire.
    pub has_tokens: bool,
    /// What it is opened with, and what a client needs beside credentials.
    told: fn() -> (Value, Value),
}

/// What came of a stage.
pub struct Stage {
    /// One of [`STAGES`].
    pub name: &'static str,
    /// What the API got.
    pub requests: u64,
    /// What the token endpoint got.
    pub token_requests: u64,
    /// Everything that is not as it should be.
    pub faults: Vec<String>,
}

/// The five.
pub const VENDORS: [Vendor; 5] = [
    Vendor {
        provider: "aprimo-dm",
        base: "/api/v1.0",
        list: "/orders",
        has_tokens: true,
        told: || (json!({}), json!({"token_endpoint": "/api/v1.0/token"})),
    },
    Vendor {
        provider: "cloudblue-connect",
        base: "/public/v1",
        list: "/products",
        has_tokens: false,
        told: || (json!({}), json!({})),
    },
    Vendor {
        provider: "ingram-micro",
        base: "/vendors/v1",
        list: "/orders",
        has_tokens: true,
        told: || (json!({}), json!({})),
    },
    Vendor {
        provider: "inventorypro",
        base: "",
        list: "/api/v1/Products",
        has_tokens: true,
        told: || (json!({"https_only": true}), json!({})),
    },
    Vendor {
        provider: "shopware",
        base: "",
        list: "/api/product",
        has_tokens: true,
        told: || (json!({}), json!({})),
    },
];

impl Vendor {
    /// One of the five.
    pub fn named(provider: &str) -> &'static Vendor {
        let found = VENDORS.iter().find(|vendor| vendor.provider == provider);
        found.expect("one of the five")
    }

    /// Opens its emulation, with further settings.
    pub fn emulate<'s>(&self, server: &'s TestServer, more: Value) -> Emulation<'s> {
        let told = with((self.told)().0, json!({"provider": self.provider}));
        server.emulate(with(told, more))
    }

    /// What a user of the emulation sets: what the provider says it needs.
    pub fn config(&self, server: &TestServer, emulation: &Emulation) -> Value {
        let mut config = (self.told)().1;
        config["provider"] = json!(self.provider);
        let origin = match emulation.settings["https_only"] == true {
            false => &emulation.url,
            true => {
                config["tls"] = json!({"ca_file": server.ca_file});
                &emulation.tls_url
            }
        };
        config["base_url"] = json!(format!("{origin}{}", self.base));
        for key in self.credentials() {
            config[key] = emulation.settings[key].clone();
        }
        config
    }

    /// The key of the secret among what is needed.
    pub fn secret(&self) -> &'static str {
        self.credentials().last().expect("every system needs one")
    }

    fn credentials(&self) -> impl Iterator<Item = &'static str> {
        let known = Provider::all().iter();
        let needs = known
            .filter(|known| known.name() == self.provider)
            .flat_map(Provider::needs);
        needs
            .filter(|need| {
                need.grant()
                    .is_none_or(|grant| grant == "client_credentials")
            })
            .map(authkeep::Need::key)
            .filter(|key| *key != "base_url")
    }

    /// The path of the list at its origin.
    pub fn list_path(&self) -> String {
        format!("{}{}", self.base, self.list)
    }
}

/// The whole life at one system, stage by stage.
pub fn life(vendor: &'static Vendor, driver: &Driver, server: &TestServer) -> [Stage; 6] {
    let at = |stage: usize, told: Value| Site {
        name: STAGES[stage],
        vendor,
        driver,
        server,
        emulation: vendor.emulate(server, told),
        faults: Vec::new(),
    };
    [
        first_token(at(0, json!({}))),
        renewal(at(
            1,
            match vendor.has_tokens {
                true => json!({"token_life_ms": LIFE_MS}),
                false => json!({}),
            },
        )),
        unauthorized(at(2, json!({}))),
        forbidden(at(3, json!({"forbidden": [vendor.list_path()]}))),
        refusal(
            at(4, json!({"disabled": true})),
            json!({}),
            "the account is disabled",
        ),
        {
            let wrong = json!({vendor.secret(): "another"});
            let why = match vendor.secret() {
                "api_key" => "the key is not known",
                "password" => "the password is wrong",
                _ => "client_secret is wrong",
            };
            refusal(at(5, json!({})), wrong, why)
        },
    ]
}

/// The same for all five at once.
pub fn lives(driver: &Driver, server: &TestServer) -> Vec<(&'static Vendor, [Stage; 6])> {
    thread::scope(|scope| {
        let threads: Vec<_> = VENDORS
            .iter()
            .map(|vendor| (vendor, scope.spawn(move || life(vendor, driver, server))))
            .collect();
        let ended = threads.into_iter();
        ended
            .map(|(vendor, thread)| (vendor, thread.join().unwrap()))
            .collect()
    })
}

// --- the stages --------------------------------------------------------------

fn first_token(mut site: Site) -> Stage {
    let mut session = site.open(json!({}));
    site.gets(&mut session, 200);
    let post = format!("POST {} {{\"name\": \"Chair\"}}", site.vendor.list);
    match session.send(&post) {
        Answer::Status(200..=299) => {}
        other => site.fault(format!("a POST got {other:?}")),
    }
    site.end(2, 1..=1, &[])
}

/// While its tokens expire, the API never sees one that has.
fn renewal(mut site: Site) -> Stage {
    // What Ingram Micro claims is never true.
    let more = match site.vendor.provider {
        "ingram-micro" => json!({"lifetime": {"max_s": LIFE_MS / 1000}}),
        _ => json!({}),
    };
    let mut session = site.open(more);
    let begin = Instant::now();
    let mut requests = 0;
    while begin.elapsed() < RENEWAL {
        site.gets(&mut session, 200);
        requests += 1;
        sleep(Duration::from_millis(50));
    }
    // A client takes a token of 1 s for old after 0.7 s at the earliest.
    site.end(requests, 2..=5, &[])
}

/// A token that has died is renewed, and the request sent again; a key is not.
fn unauthorized(mut site: Site) -> Stage {
    let mut session = site.open(json!({}));
    site.gets(&mut session, 200);
    if site.vendor.has_tokens {
        site.emulation.change(json!({"expire_tokens": true}));
        site.gets(&mut session, 200);
        site.end(3, 2..=2, &["the access token expired"])
    } else {
        site.emulation
            .change(json!({"api_key": "SU-000-000-000:new"}));
        site.gets(&mut session, 401);
        site.end(2, 0..=0, &["the key is not known"])
    }
}

/// What a token may not do, no other may.
fn forbidden(mut site: Site) -> Stage {
    let mut session = site.open(json!({}));
    site.gets(&mut session, 403);
    site.end(1, 1..=1, &["the account may not use"])
}

/// A credential that is refused is not tried again: accounts get locked.
fn refusal(mut site: Site, more: Value, why: &str) -> Stage {
    let mut session = site.open(more);
    if !site.vendor.has_tokens {
        site.gets(&mut session, 401);
        site.gets(&mut session, 401);
        return site.end(2, 0..=0, &[why, why]);
    }
    let secret = format!("\"{}\"", site.vendor.secret());
    for _ in 0..2 {
        match session.send(&site.get()) {
            Answer::Error { message, .. }
                if message.contains("refused") && message.contains(&secret) => {}
            other => site.fault(format!("instead of a refusal came {other:?}")),
        }
    }
    site.end(0, 1..=1, &[why])
}

// --- where they take place ---------------------------------------------------

struct Site<'a> {
    name: &'static str,
    vendor: &'static Vendor,
    driver: &'a Driver,
    server: &'a TestServer,
    emulation: Emulation<'a>,
    faults: Vec<String>,
}

impl Site<'_> {
    fn open(&self, more: Value) -> Session {
        let config = self.vendor.config(self.server, &self.emulation);
        self.driver.open(&with(config, more))
    }

    fn get(&self) -> String {
        format!("GET {}", self.vendor.list)
    }

    fn gets(&mut self, session: &mut Session, status: u16) {
        let answer = session.send(&self.get());
        if answer != Answer::Status(status) {
            self.fault(format!("instead of a {status} came {answer:?}"));
        }
    }

    fn fault(&mut self, fault: String) {
        let (language, provider) = (self.driver.language, self.vendor.provider);
        self.faults
            .push(format!("{language}, {provider}, {}: {fault}", self.name));
    }

    /// Compares what the emulation has counted, and why it refused what it did.
    /// Without tokens there are no token requests.
    fn end(
        mut self,
        requests: u64,
        token_requests: RangeInclusive<u64>,
        refusals: &[&str],
    ) -> Stage {
        let stats = self.emulation.stats();
        let token_requests = match self.vendor.has_tokens {
            true => token_requests,
            false => 0..=0,
        };
        let count = |name: &str| stats[name].as_u64().unwrap();
        if count("api_requests") != requests {
            self.fault(format!(
                "{} requests, not {requests}",
                count("api_requests")
            ));
        }
        if !token_requests.contains(&count("token_requests")) {
            let seen = count("token_requests");
            self.fault(format!("{seen} token requests, not {token_requests:?}"));
        }
        let log = stats["log"].as_array().unwrap().iter();
        let reasons: Vec<&str> = log.map(|line| line["reason"].as_str().unwrap()).collect();
        let meant = reasons.len() == refusals.len()
            && reasons
                .iter()
                .zip(refusals)
                .all(|(reason, why)| reason.contains(why));
        if !meant {
            self.fault(format!("refused were {reasons:?}, not {refusals:?}"));
        }
        Stage {
            name: self.name,
            requests: count("api_requests"),
            token_requests: count("token_requests"),
            faults: self.faults,
        }
    }
}
