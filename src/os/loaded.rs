//! The loaded library file, which must outlive its threads.
//!
//! On Linux the linker marks it (`-z nodelete`); Windows has a call for that.

use windows_sys::Win32::System::LibraryLoader::{
    GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS, GET_MODULE_HANDLE_EX_FLAG_PIN, GetModuleHandleExW,
};

/// Keeps the file that this code is in loaded until the process ends.
pub(crate) fn pin() {
    let flags = GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN;
    let mut module = std::ptr::null_mut();
    // SAFETY: with that flag the name is an address, and this function's is in
    // the file; the handle is written to a valid place.
    unsafe { GetModuleHandleExW(flags, (pin as *const ()).cast(), &mut module) };
}
