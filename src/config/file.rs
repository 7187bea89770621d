//! A file of configuration, read whole.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use zeroize::Zeroizing;

use super::source::one_line;
use crate::error::{Error, Result, Status};

const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// At most 4 MiB of a regular file. `what` it is, a profile or a provider, is
/// for messages and their code.
pub(crate) fn read(what: &'static str, file: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let failed = |why: &str| {
        let message = format!("{what} file {} {why}", one_line(&file.to_string_lossy()));
        let code = format!("config.{what}_file");
        Error::new(Status::InvalidConfig, code, message)
    };
    let unreadable = |error: std::io::Error| match error.kind() {
        ErrorKind::NotFound => failed("does not exist"),
        kind => failed(&format!("cannot be read: {kind}")),
    };
    // A pipe or a device could block forever.
    if !file.metadata().map_err(unreadable)?.is_file() {
        return Err(failed("is not a regular file"));
    }
    let mut content = Zeroizing::new(Vec::new());
    let opened = File::open(file).map_err(unreadable)?;
    opened
        .take(MAX_BYTES + 1)
        .read_to_end(&mut content)
        .map_err(unreadable)?;
    if content.len() as u64 > MAX_BYTES {
        return Err(failed(&format!("has more than {MAX_BYTES} bytes")));
    }
    Ok(content)
}
