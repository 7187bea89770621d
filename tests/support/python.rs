//! Finds a Python interpreter that is new enough.

use std::env;
use std::process::Command;

/// The interpreter of the environment, else the usual one; why not, if none
/// serves.
pub fn interpreter() -> Result<String, String> {
    let name = env::var("AUTHKEEP_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let is_new_enough = "import sys; sys.exit(sys.version_info < (3, 9))";
    match Command::new(&name).args(["-c", is_new_enough]).output() {
        Ok(output) if output.status.success() => Ok(name),
        Ok(_) => Err(format!("{name} is older than Python 3.9")),
        Err(_) => Err(format!(
            "there is no {name}; install Python, or name one in AUTHKEEP_PYTHON"
        )),
    }
}
