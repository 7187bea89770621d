//! Finds PowerShell.

use std::env;
use std::process::Command;

use super::require;

/// The PowerShell of the environment, else the usual one; `None` when the
/// machine has none, and that may be.
pub fn pwsh() -> Option<String> {
    let name = env::var("AUTHKEEP_PWSH").unwrap_or_else(|_| "pwsh".to_owned());
    let available = match Command::new(&name).arg("-Version").output() {
        Ok(output) if output.status.success() => Ok(name),
        _ => Err(format!(
            "there is no {name}; install PowerShell 7, or name it in AUTHKEEP_PWSH"
        )),
    };
    require::part("pwsh", available)
}
