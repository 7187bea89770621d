//! The user's own directories, and how far the environment is believed.
//!
//! A program that runs with more rights than the user who started it (set-user-ID,
//! file capabilities) must not let that user's environment choose its files or
//! its secrets, so there the environment counts as empty.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

/// Where this user's authkeep configuration is; `None` when the system doesn't say.
pub(crate) fn config_dir() -> Option<PathBuf> {
    if !environment_is_trusted() {
        return None;
    }
    base_dir().map(|base| base.join("authkeep"))
}

/// The variable `name`, unless the environment isn't to be believed.
pub(crate) fn environment(name: &str) -> Option<OsString> {
    environment_is_trusted()
        .then(|| env::var_os(name))
        .flatten()
}

#[cfg(not(any(windows, target_os = "macos")))]
fn base_dir() -> Option<PathBuf> {
    // The XDG specification: a relative path is to be ignored.
    absolute(env::var_os("XDG_CONFIG_HOME")).or_else(|| Some(home()?.join(".config")))
}

#[cfg(target_os = "macos")]
fn base_dir() -> Option<PathBuf> {
    Some(home()?.join("Library/Application Support"))
}

#[cfg(windows)]
fn base_dir() -> Option<PathBuf> {
    absolute(env::var_os("APPDATA"))
}

/// From the password database where HOME isn't set, as in many services.
#[cfg(not(windows))]
fn home() -> Option<PathBuf> {
    absolute(env::home_dir().map(OsString::from))
}

fn absolute(path: Option<OsString>) -> Option<PathBuf> {
    path.map(PathBuf::from).filter(|path| path.is_absolute())
}

#[cfg(target_os = "linux")]
pub(crate) fn environment_is_trusted() -> bool {
    // SAFETY: getauxval reads the process's auxiliary vector; any key is valid.
    unsafe { libc::getauxval(libc::AT_SECURE) == 0 }
}

#[cfg(all(unix, not(target_os = "linux")))]
pub(crate) fn environment_is_trusted() -> bool {
    // SAFETY: the four take nothing, change nothing and can't fail.
    unsafe { libc::getuid() == libc::geteuid() && libc::getgid() == libc::getegid() }
}

#[cfg(windows)]
pub(crate) fn environment_is_trusted() -> bool {
    true
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
    fn a_test_runs_without_extra_rights() {
        assert!(environment_is_trusted());
        assert!(environment("PATH").is_some());
        assert!(config_dir().is_some_and(|path| path.ends_with("authkeep")));
    }
}
