//! The layer of a provider: above the defaults, below what a user gives.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::file;
use super::layer::Layer;
use super::schema;
use super::source::{Source, file_name, one_line, quoted};
use super::value::{self, Setting};
use super::{MAX_DEPTH, invalid_json};
use crate::error::{Error, Result, Status};
use crate::json;
use crate::provider::Provider;

/// The provider that a config names, and where its values come from.
pub(crate) struct Known {
    pub(crate) provider: Provider,
    source: Arc<Source>,
}

/// The provider of `given`, if it names one. Reads a file for a path.
pub(crate) fn find(given: &Layer) -> Result<Option<Known>> {
    let Some(setting) = given
        .get("provider")
        .and_then(|entry| entry.setting.as_ref())
    else {
        return Ok(None);
    };
    match setting {
        Setting::Path(path) => read(path).map(Some),
        Setting::Text(name) => {
            let provider = Provider::all().iter().find(|known| known.name() == name);
            Ok(provider.map(|provider| Known {
                provider: provider.clone(),
                source: Arc::new(Source::provider(name, None)),
            }))
        }
        _ => Ok(None),
    }
}

fn read(path: &Path) -> Result<Known> {
    let content = file::read("provider", path)?;
    let value =
        json::parse(&content, MAX_DEPTH).map_err(|error| invalid_json(&file_name(path), &error))?;
    let name = path
        .file_stem()
        .unwrap_or(path.as_os_str())
        .to_string_lossy();
    let provider = Provider::from_json(&name, value).map_err(|why| {
        let message = format!(
            "{} is no provider file ({}); it is an object with \"title\", and may have \"about\", \
             \"needs\", \"config\", \"grants\" and \"environments\"",
            file_name(path),
            one_line(&why)
        );
        Error::new(Status::InvalidConfig, "config.provider_file", message)
    })?;
    let known = Known {
        source: Arc::new(Source::provider(&name, path.parent())),
        provider,
    };
    known.check()?;
    Ok(known)
}

impl Known {
    /// Whether its keys exist and take their values, those too that this user
    /// doesn't choose: the next one may.
    fn check(&self) -> Result<()> {
        let provider = &self.provider;
        let choices = provider.grants().values();
        for keys in choices.chain(provider.environments().values()) {
            self.layer(keys)?;
        }
        for need in provider.needs() {
            if schema::find(need.key()).is_none() {
                return Err(value::unknown(need.key(), &self.source));
            }
        }
        Ok(())
    }

    /// What the provider says, with `given` on top of it.
    pub(crate) fn below(&self, given: Layer) -> Result<Layer> {
        let mut merged = self.layer(self.provider.config())?;
        let mut chosen = merged.clone();
        chosen.absorb(given.clone());
        if let Some(keys) = self.chosen_grant(&chosen)? {
            merged.absorb(self.layer(keys)?);
        }
        if let Some(keys) = self.chosen_environment(&chosen)? {
            merged.absorb(self.layer(keys)?);
        }
        merged.absorb(given);
        Ok(merged)
    }

    fn layer(&self, keys: &Map<String, Value>) -> Result<Layer> {
        Layer::from_object(keys.clone(), &self.source)
    }

    fn chosen_grant(&self, chosen: &Layer) -> Result<Option<&Map<String, Value>>> {
        let grants = self.provider.grants();
        let grant = text(chosen, "grant").unwrap_or("client_credentials");
        match grants.get(grant) {
            None if !grants.is_empty() => Err(self.not_one_of("grant", grants.keys(), chosen)),
            keys => Ok(keys),
        }
    }

    fn chosen_environment(&self, chosen: &Layer) -> Result<Option<&Map<String, Value>>> {
        let environments = self.provider.environments();
        let Some(environment) = text(chosen, "environment") else {
            return match environments.is_empty() {
                true => Ok(None),
                false => Err(self.not_one_of("environment", environments.keys(), chosen)),
            };
        };
        match environments.get(environment) {
            None => Err(self.not_one_of("environment", environments.keys(), chosen)),
            keys => Ok(keys),
        }
    }

    fn not_one_of<'n>(
        &self,
        key: &str,
        names: impl Iterator<Item = &'n String>,
        chosen: &Layer,
    ) -> Error {
        let title = self.provider.title();
        let names: Vec<String> = names.map(|name| quoted(name)).collect();
        let message = match names.as_slice() {
            [] => format!("\"{key}\" can't be chosen for {title}; remove it"),
            names => format!("\"{key}\" must be one of {} for {title}", names.join(", ")),
        };
        let source = chosen.get(key).map_or(&self.source, |entry| &entry.source);
        source.error("config.invalid_value", message)
    }
}

fn text<'l>(layer: &'l Layer, key: &str) -> Option<&'l str> {
    match layer.get(key)?.setting.as_ref()? {
        Setting::Text(text) => Some(text),
        _ => None,
    }
}
