//! The systems that are known by name, as data: partial configs.
//!
//! A provider says *how* a system is talked to, never *who* talks: what a user
//! must give is listed with the place where the vendor's console has it. Each
//! is a file beside this one; a user's own is read from a path.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::os::fork::Once;

/// A system that is known by name; its name is the value of the key `provider`.
///
/// ```
/// let shopware = authkeep::Provider::all().iter().find(|known| known.name() == "shopware");
/// for need in shopware.expect("it is known").needs() {
///     println!("{} ({:?}): {}", need.key(), need.grant(), need.place());
/// }
/// ```
#[derive(Clone)]
pub struct Provider {
    name: String,
    facts: Facts,
}

/// What a user of a provider must give.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    key: String,
    grant: Option<String>,
    place: String,
}

/// What a provider's file has.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    title: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    needs: Vec<Need>,
    #[serde(default)]
    config: Map<String, Value>,
    /// The grants that the system knows, each with what holds for it alone.
    #[serde(default)]
    grants: BTreeMap<String, Map<String, Value>>,
    /// Such as production and sandbox.
    #[serde(default)]
    environments: BTreeMap<String, Map<String, Value>>,
}

const EMBEDDED: [(&str, &str); 5] = [
    ("aprimo-dm", include_str!("aprimo-dm.json")),
    ("cloudblue-connect", include_str!("cloudblue-connect.json")),
    ("ingram-micro", include_str!("ingram-micro.json")),
    ("inventorypro", include_str!("inventorypro.json")),
    ("shopware", include_str!("shopware.json")),
];

impl Provider {
    /// Every provider that the library knows, in the order of the names.
    pub fn all() -> &'static [Provider] {
        static ALL: Once<Vec<Provider>> = Once::new();
        ALL.get_or_make(|| {
            // A test reads each of them: none is left out here.
            let read = |(name, text): &(&str, &str)| {
                Provider::from_json(name, serde_json::from_str(text).ok()?).ok()
            };
            EMBEDDED.iter().filter_map(read).collect()
        })
    }

    /// Fails with what is wrong about the value.
    pub(crate) fn from_json(name: &str, value: Value) -> Result<Provider, String> {
        let facts = Facts::deserialize(value).map_err(|error| error.to_string())?;
        let name = name.to_owned();
        Ok(Provider { name, facts })
    }

    /// What the key `provider` calls it, such as `shopware`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What its vendor calls it.
    pub fn title(&self) -> &str {
        &self.facts.title
    }

    /// A sentence on what is special; may be empty.
    pub fn about(&self) -> &str {
        &self.facts.about
    }

    /// The keys that a user must give.
    pub fn needs(&self) -> &[Need] {
        &self.facts.needs
    }

    pub(crate) fn config(&self) -> &Map<String, Value> {
        &self.facts.config
    }

    pub(crate) fn grants(&self) -> &BTreeMap<String, Map<String, Value>> {
        &self.facts.grants
    }

    pub(crate) fn environments(&self) -> &BTreeMap<String, Map<String, Value>> {
        &self.facts.environments
    }
}

impl Need {
    /// The configuration key, such as `client_id`.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The grant that needs it; `None`: every one.
    pub fn grant(&self) -> Option<&str> {
        self.grant.as_deref()
    }

    /// Where it is found, in the words of the vendor's console.
    pub fn place(&self) -> &str {
        &self.place
    }
}

impl std::fmt::Debug for Provider {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Need {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Need")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_embedded_file_is_a_provider() {
        for (name, text) in EMBEDDED {
            let value = serde_json::from_str(text).unwrap();
            let provider = Provider::from_json(name, value).unwrap();
            assert!(!provider.title().is_empty(), "{name}");
            assert!(!provider.needs().is_empty(), "{name}");
        }
        let names: Vec<_> = Provider::all().iter().map(Provider::name).collect();
        assert_eq!(names, EMBEDDED.map(|(name, _)| name));
        assert!(names.is_sorted());
    }

    #[test]
    fn every_file_of_the_folder_is_embedded() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/provider");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".json").map(str::to_owned))
            .collect();
        files.sort();
        assert_eq!(files, EMBEDDED.map(|(name, _)| name));
    }
}
