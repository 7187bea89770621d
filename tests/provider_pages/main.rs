//! The pages of the systems that are known by name: their list is that of the
//! library, their programs run against each system's emulation, and the
//! messages that they explain are those that a user gets.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

#[path = "../support/mod.rs"]
mod support;

mod list;
mod messages;
mod programs;

use support::server::{Emulation, TestServer};
use support::snippet::blocks;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/providers");
/// Each system, the origin of its token endpoint (or else of its API) on its
/// page, and where its API begins.
const SYSTEMS: [(&str, &str, &str); 5] = [
    ("aprimo-dm", "https://auth.aprimodm.com", ""),
    (
        "cloudblue-connect",
        "https://api.connect.cloudblue.com",
        "/public/v1",
    ),
    ("ingram-micro", "https://api.ingrammicro.com", "/vendors/v1"),
    ("inventorypro", "https://your-host", ""),
    ("shopware", "https://shop.example", ""),
];

fn page(name: &str) -> String {
    let path = Path::new(FOLDER).join(format!("{name}.md"));
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{name}.md: {error}"))
}

/// A page's profile at work: a system, and a home with the profile in it.
struct Desk<'s> {
    emulation: Emulation<'s>,
    path: &'static str,
    origin: &'static str,
    label: String,
    profile: Map<String, Value>,
    home: TempDir,
}

impl<'s> Desk<'s> {
    /// The first profile of the page, for an emulation of its system.
    fn of(server: &'s TestServer, name: &str) -> Desk<'s> {
        let (_, origin, path) = SYSTEMS.into_iter().find(|system| system.0 == name).unwrap();
        let (label, profile) = profiles(&page(name)).remove(0);
        Desk {
            emulation: server.emulate(json!({"provider": name})),
            path,
            origin,
            label,
            profile,
            home: tempfile::tempdir().unwrap(),
        }
    }

    /// Writes the profile with members changed, at the emulation's URLs.
    fn write(&self, changes: Value) -> PathBuf {
        let mut profile = self.profile.clone();
        profile.insert(
            "base_url".into(),
            json!(format!("{}{}", self.emulation.url, self.path)),
        );
        if self.profile["provider"] == "aprimo-dm" {
            profile.insert("token_endpoint".into(), json!("/api/v1.0/token"));
        }
        profile.extend(changes.as_object().unwrap().clone());
        // Left out, so that the provider's own value counts.
        profile.retain(|_, value| !value.is_null());
        let folder = self.home.path().join("authkeep");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("profiles.json");
        let profiles = json!({"profiles": {&self.label: profile}});
        fs::write(&file, profiles.to_string()).unwrap();
        file
    }

    /// The key that is a secret, the variable that it comes from, and its value.
    fn secret(&self) -> (String, String, String) {
        let mut members = self.profile.iter();
        let found = members.find_map(|(key, value)| Some((key, value["env"].as_str()?)));
        let (key, variable) = found.expect("the page's secret is in a variable");
        let value = match key.as_str() {
            "refresh_token" => self.log_in(),
            key => self.emulation.settings[key].as_str().unwrap().to_owned(),
        };
        (key.clone(), variable.to_owned(), value)
    }

    /// The refresh token of a login of the user of a shop.
    fn log_in(&self) -> String {
        let settings = &self.emulation.settings;
        let login = json!({
            "grant_type": "password", "client_id": "administration", "scopes": "write",
            "username": settings["username"], "password": settings["password"],
        });
        let json = [("Content-Type", "application/json")];
        let login = login.to_string();
        let endpoint = "/api/oauth/token";
        let answer = self
            .emulation
            .request("POST", endpoint, &json, login.as_bytes());
        answer.json()["refresh_token"].as_str().unwrap().to_owned()
    }
}

/// The profiles of a page, each with its name.
fn profiles(page: &str) -> Vec<(String, Map<String, Value>)> {
    let mut found = Vec::new();
    for block in blocks(page, "json") {
        let mut file: Value = serde_json::from_str(block).unwrap();
        let Value::Object(profiles) = file["profiles"].take() else {
            panic!("no profile in {block}");
        };
        for (name, profile) in profiles {
            found.push((name, profile.as_object().unwrap().clone()));
        }
    }
    found
}
