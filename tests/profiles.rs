//! Profile files: which are read, what they may have, and how a mistake in one
//! is told.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::{Path, PathBuf};

use authkeep::{Config, Error, Status};

fn assert_error(error: &Error, code: &str, message: &str) {
    assert_eq!(error.message(), message);
    assert_eq!(error.code(), code);
    assert_eq!(error.status(), Status::InvalidConfig);
}

struct ProfileFile {
    _directory: tempfile::TempDir,
    path: PathBuf,
}

impl ProfileFile {
    fn new(content: &str) -> ProfileFile {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("profiles.json");
        std::fs::write(&path, content).unwrap();
        ProfileFile {
            _directory: directory,
            path,
        }
    }

    fn refusal(&self, name: &str) -> Error {
        Config::new()
            .load_profile(name, Some(&self.path), false)
            .unwrap_err()
    }
}

#[test]
fn an_error_in_a_profile_names_the_profile_and_the_file() {
    let file = ProfileFile::new(r#"{"profiles": {"shopware-prod": {"client_secrte": "s"}}}"#);
    assert_error(
        &file.refusal("shopware-prod"),
        "config.unknown_key",
        "\"client_secrte\" is not a key of authkeep; did you mean \"client_secret\"? \
         (in profile \"shopware-prod\", profiles.json)",
    );
}

#[test]
fn references_in_a_given_profile_file_need_permission() {
    let file = ProfileFile::new(
        r#"{"profiles": {
            "env": {"client_secret": {"env": "S"}},
            "command": {"token_request": {"fields": {"k": {"command": ["sh", "-c", "x"]}}}},
            "known": {"if_known": {"password": {"file": "/etc/shadow"}}},
            "literal": {"client_secret": "s"}
        }}"#,
    );
    for (name, key) in [
        ("env", "\"client_secret\" is a reference (env)"),
        (
            "command",
            "\"token_request.fields.k\" is a reference (command)",
        ),
        ("known", "\"password\" is a reference (file)"),
    ] {
        let error = file.refusal(name);
        assert_eq!(
            error.message(),
            format!(
                "{key}, which a profile of this file may not have unless the program permits it \
                 with allow_references (in profile \"{name}\", profiles.json)"
            )
        );
        assert_eq!(error.code(), "config.reference_not_allowed");
        assert_eq!(error.status(), Status::NotAllowed);
        Config::new()
            .load_profile(name, Some(&file.path), true)
            .unwrap();
    }
    Config::new()
        .load_profile("literal", Some(&file.path), false)
        .unwrap();
}

#[test]
fn a_profile_that_is_not_there_is_told_with_those_that_are() {
    let file = ProfileFile::new(r#"{"profiles": {"b": {}, "a": {}}}"#);
    assert_error(
        &file.refusal("shop"),
        "config.unknown_profile",
        "no profile \"shop\" in profiles.json, which has \"a\", \"b\"",
    );
    assert_error(
        &ProfileFile::new(r#"{"profiles": {}}"#).refusal("shop"),
        "config.unknown_profile",
        "no profile \"shop\" in profiles.json, which has no profiles",
    );
}

#[test]
fn a_profile_file_of_another_shape_is_refused() {
    assert_error(
        &ProfileFile::new(r#"{"shop": {}}"#).refusal("shop"),
        "config.unknown_key",
        "\"shop\" is not a key of a profile file; it has only \"profiles\" (in profiles.json)",
    );
    assert_error(
        &ProfileFile::new("{}").refusal("shop"),
        "config.wrong_type",
        "a profile file must be an object with \"profiles\" (in profiles.json)",
    );
    assert_error(
        &ProfileFile::new(r#"{"profiles": {"shop": 5}}"#).refusal("shop"),
        "config.wrong_type",
        "a profile must be an object of keys (in profile \"shop\", profiles.json)",
    );
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("profiles.json");
    let refusal = |path: &Path| {
        Config::new()
            .load_profile("shop", Some(path), false)
            .unwrap_err()
    };
    assert_error(
        &refusal(&missing),
        "config.profile_file",
        &format!(
            "there is no profile \"shop\", since the file {} does not exist; create it, name \
             another, or set the keys in the program",
            missing.display()
        ),
    );
    assert_error(
        &refusal(folder.path()),
        "config.profile_file",
        &format!(
            "profile file {} is not a regular file",
            folder.path().display()
        ),
    );
}

#[test]
#[cfg(not(target_os = "macos"))] // which has no variable for the place
fn the_users_own_profiles_are_found_and_may_have_references() {
    let directory = tempfile::tempdir().unwrap();
    let own = directory.path().join("authkeep");
    std::fs::create_dir(&own).unwrap();
    let profiles = r#"{"profiles": {"shop": {"client_secret": {"env": "S"}}}}"#;
    std::fs::write(own.join("profiles.json"), profiles).unwrap();
    // Another process, because the environment belongs to all tests of this one.
    let output = std::process::Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "in_another_process_the_own_profile_loads",
            "--ignored",
        ])
        .env("XDG_CONFIG_HOME", directory.path())
        .env("APPDATA", directory.path())
        .current_dir(&own)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success() && printed.contains("1 passed"),
        "{printed}"
    );
}

#[test]
#[ignore = "run by the_users_own_profiles_are_found_and_may_have_references"]
fn in_another_process_the_own_profile_loads() {
    let mut config = Config::new();
    config.load_profile("shop", None, false).unwrap();
    assert!(format!("{config:?}").contains("shop"));
    // The working directory has one too, but nobody asked for it.
    let error = config.load_profile("shop", Some(Path::new("nowhere.json")), false);
    assert_eq!(error.unwrap_err().code(), "config.profile_file");
}

#[test]
fn broken_json_is_placed_and_no_value_is_quoted() {
    let file = ProfileFile::new("{\"profiles\": ");
    assert_error(
        &file.refusal("shop"),
        "config.invalid_json",
        "profiles.json is not valid JSON: EOF while parsing a value at line 1 column 13",
    );
    let secrets = r#""client_secret": "canary", "api_key": "canary""#;
    let wrong_key = format!(r#"{{"profiles": {{"shop": {{{secrets}, "x": 1}}}}}}"#);
    let twice = format!(r#"{{"profiles": {{"shop": {{{secrets}, {secrets}}}}}}}"#);
    let wrong_shape = format!("{{{secrets}}}");
    for content in [&wrong_key, &twice, &wrong_shape, &wrong_key[..60]] {
        let file = ProfileFile::new(content);
        for name in ["shop", "other"] {
            let error = file.refusal(name);
            let said = format!("{error} {error:?}");
            assert!(!said.contains("canary"), "{said}");
        }
    }
}
