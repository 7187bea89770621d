//! Which library this is.

use std::ffi::c_char;

/// The number of the ABI that this header describes. It grows when functions
/// or constants are added; none is ever changed or taken away.
pub const AUTHKEEP_ABI_VERSION: i32 = 4;

const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");

/// Returns the version of the loaded library, such as "0.1.0". Never blocks;
/// any thread. The string lives as long as the library.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_version() -> *const c_char {
    VERSION.as_ptr().cast()
}

/// Returns the AUTHKEEP_ABI_VERSION of the loaded library: at least the one of
/// this header, or functions may be missing. Never blocks; any thread.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_abi_version() -> i32 {
    AUTHKEEP_ABI_VERSION
}
