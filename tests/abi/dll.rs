//! `authkeep.dll` as it is shipped: what it exports, what it asks of Windows,
//! and what its properties show. Ignored unless the target is Windows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::library::shipped;

#[test]
#[ignore = "for AUTHKEEP_TEST_TARGET=x86_64-pc-windows-gnu"]
fn the_dll_exports_what_was_released_and_nothing_else() {
    let dump = objdump();
    let (_, table) = dump.split_once("[Ordinal/Name Pointer] Table").unwrap();
    let exported: BTreeSet<&str> = table
        .lines()
        .skip(1)
        .take_while(|line| line.trim_start().starts_with('['))
        .filter_map(|line| line.split_whitespace().last())
        .collect();
    let symbols = listed("symbols.txt");
    let released = symbols.iter().filter_map(|line| line.split(' ').next());
    assert_eq!(exported, released.collect());
}

#[test]
#[ignore = "for AUTHKEEP_TEST_TARGET=x86_64-pc-windows-gnu"]
fn the_dll_needs_what_every_windows_10_has() {
    let dump = objdump();
    let imported: BTreeSet<String> = dump
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("DLL Name: "))
        .map(str::to_lowercase)
        .collect();
    assert_eq!(
        imported,
        listed("windows_imports.txt").into_iter().collect(),
        "tests/abi/windows_imports.txt lists what may be imported"
    );
}

#[test]
#[ignore = "for AUTHKEEP_TEST_TARGET=x86_64-pc-windows-gnu"]
fn the_properties_of_the_dll_show_its_version() {
    let bytes = fs::read(&shipped().shared).unwrap();
    for text in ["FileVersion", env!("CARGO_PKG_VERSION"), "authkeep.dll"] {
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(bytes.windows(wide.len()).any(|part| part == wide), "{text}");
    }
}

fn objdump() -> String {
    let output = Command::new("x86_64-w64-mingw32-objdump")
        .arg("-p")
        .arg(&shipped().shared)
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Without the comments.
fn listed(name: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/abi")
        .join(name);
    fs::read_to_string(path)
        .unwrap()
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(str::to_owned)
        .collect()
}
