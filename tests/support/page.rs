//! Pages that are rendered, and checked in.

use std::fs;
use std::path::Path;

/// Holds `file` against what `test` renders; writes it when told to.
pub fn assert_is(file: &str, rendered: &str, test: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("AUTHKEEP_BLESS").is_some() {
        fs::write(&path, rendered).unwrap();
    }
    assert!(
        fs::read_to_string(&path).unwrap_or_default() == rendered,
        "{file} is not what is rendered; write it with \
         AUTHKEEP_BLESS=1 cargo test --test {test}"
    );
}
