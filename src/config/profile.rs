//! Profiles: named configurations in a file of the user's own directory or at
//! a path that the program gives. Nothing is searched in the working directory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file;
use super::layer::Layer;
use super::source::{Source, file_name, one_line, quoted};
use super::{MAX_DEPTH, invalid_json};
use crate::error::{Error, Result, Status};
use crate::json;
use crate::os::dirs;
use crate::os::environment::Environment;
use serde_json::{Map, Value};

#[derive(Clone)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) layer: Layer,
    pub(crate) source: Arc<Source>,
}

/// Reads the profile `name` from `path`, or from the user's own file.
pub(crate) fn load(
    name: &str,
    path: Option<&Path>,
    allow_references: bool,
    environment: &Environment,
) -> Result<Profile> {
    let file = match path {
        // Absolute, so that it stays the same place when the directory changes.
        Some(path) => std::path::absolute(path).unwrap_or_else(|_| path.to_owned()),
        None => own_file(environment)?,
    };
    if !file.exists() {
        return Err(no_file(name, &file));
    }
    let mut profiles = read(&file)?;
    let Some(value) = profiles.remove(name) else {
        return Err(unknown_profile(name, &file, &profiles));
    };
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(in_file(
            "config.invalid_value",
            &file,
            "the name of a profile is empty or has control characters",
        ));
    }
    let source = Source::profile(name, &file, path.is_none() || allow_references);
    let Value::Object(object) = value else {
        return Err(source.error("config.wrong_type", "a profile must be an object of keys"));
    };
    let source = Arc::new(source);
    Ok(Profile {
        name: name.to_owned(),
        layer: Layer::from_object(object, &source)?,
        source,
    })
}

fn own_file(environment: &Environment) -> Result<PathBuf> {
    let directory = dirs::config_dir(environment).ok_or_else(|| {
        let message = "the system does not say where the user's own profiles are; give a path";
        Error::new(Status::InvalidConfig, "config.profile_file", message)
    })?;
    Ok(directory.join("profiles.json"))
}

/// The member `profiles` of the file.
fn read(file: &Path) -> Result<Map<String, Value>> {
    let content = file::read("profile", file)?;
    let value =
        json::parse(&content, MAX_DEPTH).map_err(|error| invalid_json(&file_name(file), &error))?;
    let wrong_type = |what: &str| Err(in_file("config.wrong_type", file, what));
    let Value::Object(mut object) = value else {
        return wrong_type("a profile file must be an object with \"profiles\"");
    };
    let profiles = object.remove("profiles");
    if let Some(name) = object.keys().next() {
        let what = format!(
            "{} is not a key of a profile file; it has only \"profiles\"",
            quoted(name)
        );
        return Err(in_file("config.unknown_key", file, &what));
    }
    match profiles {
        Some(Value::Object(profiles)) => Ok(profiles),
        Some(_) => wrong_type("\"profiles\" must be an object of profiles by name"),
        None => wrong_type("a profile file must be an object with \"profiles\""),
    }
}

fn no_file(name: &str, file: &Path) -> Error {
    let mut message = format!(
        "there is no profile {}, since the file {} does not exist; create it, name another, or \
         set the keys in the program",
        quoted(name),
        one_line(&file.to_string_lossy())
    );
    if name.contains("://") {
        message += " (a URL is no profile; it is the key \"base_url\")";
    } else if name.ends_with(".json") {
        message += " (the name of a profile comes first, and then the path of its file)";
    }
    Error::new(Status::InvalidConfig, "config.profile_file", message)
}

fn unknown_profile(name: &str, file: &Path, profiles: &Map<String, Value>) -> Error {
    const SHOWN: usize = 20;
    let mut names: Vec<_> = profiles
        .keys()
        .take(SHOWN)
        .map(|name| quoted(name))
        .collect();
    if profiles.len() > SHOWN {
        names.push("…".to_owned());
    }
    let has = match names.as_slice() {
        [] => "no profiles".to_owned(),
        names => names.join(", "),
    };
    let message = format!(
        "no profile {} in {}, which has {has}",
        quoted(name),
        file_name(file)
    );
    Error::new(Status::InvalidConfig, "config.unknown_profile", message)
}

fn in_file(code: &'static str, file: &Path, what: &str) -> Error {
    let message = format!("{what} (in {})", file_name(file));
    Error::new(Status::InvalidConfig, code, message)
}
