//! The user's own directories.

use std::ffi::OsString;
use std::path::PathBuf;

use super::environment::Environment;

/// Where this user's authkeep configuration is; `None` when the system doesn't say.
pub(crate) fn config_dir(environment: &Environment) -> Option<PathBuf> {
    base_dir(environment).map(|base| base.join("authkeep"))
}

#[cfg(not(any(windows, target_os = "macos")))]
fn base_dir(environment: &Environment) -> Option<PathBuf> {
    // The XDG specification: a relative path is to be ignored.
    absolute(environment.get("XDG_CONFIG_HOME"))
        .or_else(|| Some(home(environment)?.join(".config")))
}

#[cfg(target_os = "macos")]
fn base_dir(environment: &Environment) -> Option<PathBuf> {
    Some(home(environment)?.join("Library/Application Support"))
}

#[cfg(windows)]
fn base_dir(environment: &Environment) -> Option<PathBuf> {
    absolute(environment.get("APPDATA"))
}

/// From the password database where HOME isn't set, as in many services.
#[cfg(not(windows))]
fn home(environment: &Environment) -> Option<PathBuf> {
    absolute(environment.get("HOME")).or_else(|| {
        let home = super::environment::is_trusted()
            .then(std::env::home_dir)
            .flatten();
        absolute(home.map(OsString::from))
    })
}

fn absolute(path: Option<OsString>) -> Option<PathBuf> {
    path.map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relative_directory_counts_as_none() {
        assert_eq!(absolute(Some("etc".into())), None);
        assert_eq!(absolute(Some("".into())), None);
        assert_eq!(absolute(None), None);
    }

    #[test]
    fn the_directory_is_where_the_environment_says() {
        let mut environment = Environment::default();
        let own = config_dir(&environment);
        assert!(own.is_some_and(|path| path.ends_with("authkeep")));
        let elsewhere = std::env::temp_dir().join("handed over");
        for name in ["XDG_CONFIG_HOME", "HOME", "APPDATA"] {
            environment.hand_over(name, elsewhere.to_str().unwrap());
        }
        let handed_over = config_dir(&environment);
        assert!(handed_over.is_some_and(|path| path.starts_with(elsewhere)));
    }
}
