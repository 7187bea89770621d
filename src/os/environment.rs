//! Environment variables: those of the process, below those that a host hands
//! over because its runtime keeps an environment of its own (.NET on Unix).
//!
//! A program that runs with more rights than the user who started it
//! (set-user-ID, file capabilities) must not let that user's environment choose
//! its files or its secrets, so there the process's own counts as empty.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::sync::Arc;

use zeroize::Zeroizing;

/// What a host has handed over, and below it the process's own.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    handed_over: Arc<BTreeMap<String, Zeroizing<String>>>,
}

impl Environment {
    /// Hands over a variable. One that the process has with the same value is
    /// left to the process, so that a later change there is seen.
    pub(crate) fn hand_over(&mut self, name: &str, value: &str) {
        let variables = Arc::make_mut(&mut self.handed_over);
        if own(name).is_some_and(|own| own == *value) {
            variables.remove(&*key(name));
        } else {
            variables.insert(key(name).into_owned(), Zeroizing::new(value.to_owned()));
        }
    }

    /// The variable `name` as it is now.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        match self.handed_over.get(&*key(name)) {
            Some(value) => Some(OsString::from(value.as_str())),
            None => own(name),
        }
    }

    /// Of what was handed over, `name` alone.
    pub(crate) fn only(&self, name: &str) -> Environment {
        let found = self.handed_over.get_key_value(&*key(name));
        Environment {
            handed_over: Arc::new(
                found
                    .into_iter()
                    .map(|(k, v)| (k.clone(), v.clone()))
                    .collect(),
            ),
        }
    }

    /// What was handed over, in the order of the names.
    pub(crate) fn handed_over(&self) -> impl Iterator<Item = (&str, &str)> {
        let variables = self.handed_over.iter();
        variables.map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

/// What `name` is kept under: on Windows `Path` and `PATH` are one variable.
fn key(name: &str) -> Cow<'_, str> {
    if cfg!(windows) {
        Cow::Owned(name.to_uppercase())
    } else {
        Cow::Borrowed(name)
    }
}

fn own(name: &str) -> Option<OsString> {
    is_trusted().then(|| env::var_os(name)).flatten()
}

/// Whether the process's own environment is to be believed.
#[cfg(target_os = "linux")]
pub(crate) fn is_trusted() -> bool {
    // SAFETY: getauxval reads the process's auxiliary vector; any key is valid.
    unsafe { libc::getauxval(libc::AT_SECURE) == 0 }
}

/// Whether the process's own environment is to be believed.
#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn is_trusted() -> bool {
    // SAFETY: the four take nothing, change nothing and can't fail.
    unsafe { libc::getuid() == libc::geteuid() && libc::getgid() == libc::getegid() }
}

/// Whether the process's own environment is to be believed.
#[cfg(windows)]
pub(crate) fn is_trusted() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_handed_over_goes_before_the_processs_own() {
        let mut environment = Environment::default();
        assert!(is_trusted());
        assert_eq!(environment.get("PATH"), env::var_os("PATH"));
        environment.hand_over("PATH", "/elsewhere");
        environment.hand_over("AUTHKEEP_TEST_HANDED_OVER", "é");
        assert_eq!(environment.get("PATH"), Some("/elsewhere".into()));
        assert_eq!(
            environment.get("AUTHKEEP_TEST_HANDED_OVER"),
            Some("é".into())
        );
        let only = environment.only("PATH");
        assert_eq!(
            only.handed_over().collect::<Vec<_>>(),
            [("PATH", "/elsewhere")]
        );
    }

    #[test]
    fn a_variable_that_the_process_has_too_stays_its_own() {
        let mut environment = Environment::default();
        environment.hand_over("PATH", "/elsewhere");
        environment.hand_over("PATH", &env::var("PATH").unwrap());
        assert_eq!(environment.handed_over().count(), 0);
    }
    #[test]
    #[cfg(windows)]
    fn the_case_of_a_name_makes_no_difference() {
        let mut environment = Environment::default();
        environment.hand_over("Authkeep_Test", "a");
        environment.hand_over("AUTHKEEP_TEST", "b");
        assert_eq!(environment.get("authkeep_test"), Some("b".into()));
        assert_eq!(environment.handed_over().count(), 1);
    }
}
