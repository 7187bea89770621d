//! Where a credential comes from and how it is used: data, in layers.
//!
//! Each layer is checked when it is given, against one schema, so that an error
//! names its place. What only the layers together can tell, whether a grant has
//! all it needs, is checked when a client is made.

mod file;
mod keys;
mod layer;
mod origins;
mod profile;
mod provider;
mod reference;
mod resolve;
mod schema;
mod secret_source;
mod settings;
mod source;
mod value;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use self::layer::Layer;
use self::profile::Profile;
pub use self::reference::config_reference;
pub(crate) use self::secret_source::{SecretOrigin, SecretSource};
pub(crate) use self::settings::{
    ClientAuth, Format, GrantKind, HeaderSource, Lifetime, OnUnknownOutcome, Settings,
};
use self::source::{Source, quoted};
pub(crate) use self::value::Generator;
use crate::error::{Error, Result, Status};
use crate::json::{self, JsonError};
use crate::os::environment::Environment;

/// Deeper than any key, and no burden for a stack.
const MAX_DEPTH: usize = 16;

/// A configuration that is being put together.
///
/// There are four layers: defaults, below a provider, below a profile, below
/// what the program sets here. A value of a higher layer hides that of a lower one, whatever the
/// order of the calls; `null` in JSON deletes it. A call that fails changes
/// nothing. The keys are those of `docs/config.md`.
///
/// ```
/// let mut config = authkeep::Config::new();
/// config
///     .set("token_endpoint", "https://login.example/oauth/token")?
///     .set("client_id", "robot")?
///     .set("client_secret.env", "ROBOT_SECRET")?
///     .merge_json(r#"{"timeouts": {"total_ms": 10000}}"#)?;
/// # Ok::<(), authkeep::Error>(())
/// ```
#[derive(Clone)]
pub struct Config {
    profile: Option<Profile>,
    program: Layer,
    program_source: Arc<Source>,
    environment: Environment,
}

impl Config {
    /// An empty configuration: all defaults.
    pub fn new() -> Config {
        Config {
            profile: None,
            program: Layer::default(),
            program_source: Arc::new(Source::program()),
            environment: Environment::default(),
        }
    }

    /// Sets one key; keys inside others are dotted (`timeouts.total_ms`).
    ///
    /// The value is literal. A secret that is to be read when it is needed has
    /// a key of its own: `client_secret.env` takes the name of an environment
    /// variable, `client_secret.file` a path. Lists, and `client_secret.command`,
    /// need [`merge_json`](Config::merge_json).
    ///
    /// Fails with [`Status::InvalidConfig`] for an unknown key or a value that
    /// the key doesn't take.
    pub fn set(&mut self, key: &str, value: &str) -> Result<&mut Config> {
        let layer = Layer::from_text(key, value, &self.program_source)?;
        self.program.absorb(layer);
        Ok(self)
    }

    /// Hands over an environment variable that the process itself doesn't see,
    /// for runtimes with an environment of their own, such as .NET on Unix.
    ///
    /// It goes before the process's own: for the references of this config,
    /// for the commands that they name, and for where a profile that is loaded
    /// after this is looked for. One that the process has with the same value
    /// is left to the process.
    ///
    /// Fails with [`Status::InvalidArgument`] for a name or value that no
    /// environment can hold.
    pub fn set_env(&mut self, name: &str, value: &str) -> Result<&mut Config> {
        if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
            let message = format!(
                "{} can't be set in an environment; a name is not empty and has no \"=\", and \
                 neither it nor the value has U+0000",
                quoted(name)
            );
            return Err(Error::new(Status::InvalidArgument, "config.env", message));
        }
        self.environment.hand_over(name, value);
        Ok(self)
    }

    /// Merges a JSON object of keys, deeply; `null` deletes.
    ///
    /// Fails with [`Status::InvalidConfig`] for what is not JSON, an unknown
    /// key, or a value that its key doesn't take.
    pub fn merge_json(&mut self, json: &str) -> Result<&mut Config> {
        let object = match json::parse(json.as_bytes(), MAX_DEPTH) {
            Ok(Value::Object(object)) => object,
            Ok(_) => {
                let message = "the configuration must be a JSON object";
                return Err(self.program_source.error("config.wrong_type", message));
            }
            Err(error) => return Err(invalid_json("the configuration", &error)),
        };
        let layer = Layer::from_object(object, &self.program_source)?;
        self.program.absorb(layer);
        Ok(self)
    }

    /// Loads a profile, in the place of one loaded before.
    ///
    /// Without `path` it comes from the user's own file: `authkeep/profiles.json`
    /// in `$XDG_CONFIG_HOME` or `~/.config` (Linux), in `~/Library/Application
    /// Support` (macOS), or in `%APPDATA%` (Windows). Secrets in a file at `path`
    /// may be references to the environment, to files or to commands only if
    /// `allow_references`; in the user's own file they always may. Blocks while
    /// the file is read.
    ///
    /// Fails with [`Status::InvalidConfig`] for a file or profile that is missing
    /// or wrong, with [`Status::NotAllowed`] for a reference without permission.
    pub fn load_profile(
        &mut self,
        name: &str,
        path: Option<&Path>,
        allow_references: bool,
    ) -> Result<&mut Config> {
        self.profile = Some(profile::load(
            name,
            path,
            allow_references,
            &self.environment,
        )?);
        Ok(self)
    }

    /// All layers together, checked: what a client works with. Reads the file
    /// of a provider.
    pub(crate) fn resolve(&self) -> Result<Settings> {
        let mut given = Layer::default();
        if let Some(profile) = &self.profile {
            given.absorb(profile.layer.clone());
        }
        given.absorb(self.program.clone());
        let known = provider::find(&given)?;
        let merged = match &known {
            Some(known) => known.below(given)?,
            None => given,
        };
        resolve::resolve(
            &merged,
            self.profile.as_ref(),
            known.as_ref().map(|known| &known.provider),
            &self.environment,
        )
    }
}

impl Default for Config {
    fn default() -> Self {
        Config::new()
    }
}

impl fmt::Debug for Config {
    /// The names of keys, no values: any of them may be a secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<_> = self.program.keys().collect();
        f.debug_struct("Config")
            .field(
                "profile",
                &self.profile.as_ref().map(|profile| &profile.name),
            )
            .field("keys", &keys)
            .finish_non_exhaustive()
    }
}

fn invalid_json(what: &str, error: &JsonError) -> Error {
    let message = format!("{what} is not valid JSON: {error}");
    Error::new(Status::InvalidConfig, "config.invalid_json", message)
}
