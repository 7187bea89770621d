//! The clocks of Windows. Its tick count goes on while the machine sleeps, and
//! both coarse reads come from a page that every process has: no system call.

use windows_sys::Win32::Foundation::{ERROR_SUCCESS, FILETIME};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_DWORD, RegGetValueW};
use windows_sys::Win32::System::SystemInformation::{
    GetSystemTimeAsFileTime, GetSystemTimePreciseAsFileTime, GetTickCount64,
};
use windows_sys::w;

use crate::os::fork::Once;

/// From 1601, where Windows begins to count, to 1970.
const EPOCH_MS: i64 = 11_644_473_600_000;

pub(super) fn wall_ms() -> i64 {
    read(GetSystemTimePreciseAsFileTime)
}

pub(super) fn boot_ms() -> i64 {
    // SAFETY: the call takes nothing and can't fail.
    i64::try_from(unsafe { GetTickCount64() }).unwrap_or(i64::MAX)
}

pub(super) fn coarse_ms() -> (i64, i64) {
    (read(GetSystemTimeAsFileTime), boot_ms())
}

fn read(clock: unsafe extern "system" fn(*mut FILETIME)) -> i64 {
    let mut time = FILETIME::default();
    // SAFETY: `time` is valid and writable for the length of the call, which
    // can't fail.
    unsafe { clock(&mut time) };
    let ticks = i64::from(time.dwHighDateTime) << 32 | i64::from(time.dwLowDateTime);
    ticks / 10_000 - EPOCH_MS
}

/// What tells one boot of the machine from another; empty where unknown.
///
/// The kernel counts its boots in this value.
pub(crate) fn boot_id() -> &'static str {
    static BOOT_ID: Once<String> = Once::new();
    BOOT_ID.get_or_make(|| {
        let mut count = 0u32;
        let mut size = size_of_val(&count) as u32;
        // SAFETY: the names end in NUL, and a DWORD of `size` bytes is
        // written to `count` at most.
        let status = unsafe {
            RegGetValueW(
                HKEY_LOCAL_MACHINE,
                w!(
                    "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Memory Management\\\
                     PrefetchParameters"
                ),
                w!("BootId"),
                RRF_RT_REG_DWORD,
                std::ptr::null_mut(),
                (&raw mut count).cast(),
                &mut size,
            )
        };
        if status == ERROR_SUCCESS {
            count.to_string()
        } else {
            String::new()
        }
    })
}
