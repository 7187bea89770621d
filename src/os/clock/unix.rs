//! The clocks of Linux and macOS.

use std::cell::Cell;

use crate::os::fork::Once;

#[cfg(target_os = "linux")]
const BOOT: libc::clockid_t = libc::CLOCK_BOOTTIME;
#[cfg(target_os = "linux")]
const COARSE_WALL: libc::clockid_t = libc::CLOCK_REALTIME_COARSE;
#[cfg(target_os = "linux")]
const COARSE_MONOTONIC: libc::clockid_t = libc::CLOCK_MONOTONIC_COARSE;

// On macOS CLOCK_MONOTONIC counts sleep; there are no coarse twins with a
// documented resolution, and the plain reads are cheap.
#[cfg(not(target_os = "linux"))]
const BOOT: libc::clockid_t = libc::CLOCK_MONOTONIC;
#[cfg(not(target_os = "linux"))]
const COARSE_WALL: libc::clockid_t = libc::CLOCK_REALTIME;
#[cfg(not(target_os = "linux"))]
const COARSE_MONOTONIC: libc::clockid_t = libc::CLOCK_MONOTONIC;

pub(super) fn wall_ms() -> i64 {
    read(libc::CLOCK_REALTIME)
}

pub(super) fn boot_ms() -> i64 {
    read(BOOT)
}

/// One tick moves both, so the wall clock is read once for each tick that a
/// thread sees; a wall clock that was set shows with the next.
pub(super) fn coarse_ms() -> (i64, i64) {
    thread_local! {
        static SEEN: Cell<(i64, i64)> = const { Cell::new((0, i64::MIN)) };
    }
    let monotonic = read(COARSE_MONOTONIC);
    SEEN.with(|seen| {
        if seen.get().1 != monotonic {
            seen.set((read(COARSE_WALL), monotonic));
        }
        seen.get()
    })
}

#[inline]
fn read(id: libc::clockid_t) -> i64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid, writable timespec for the length of the call.
    // The call can't fail: the clock ids are constants that the system has.
    unsafe { libc::clock_gettime(id, &mut time) };
    time.tv_sec
        .saturating_mul(1000)
        .saturating_add(time.tv_nsec / 1_000_000)
}

/// What tells one boot of the machine from another; empty where unknown.
pub(crate) fn boot_id() -> &'static str {
    static BOOT_ID: Once<String> = Once::new();
    BOOT_ID.get_or_make(|| {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .map(|id| id.trim().to_owned())
            .unwrap_or_default()
    })
}
