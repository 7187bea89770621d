//! Signals that this library's own work must not raise in the host.

use std::mem::MaybeUninit;

/// Runs `write` on this thread; a SIGPIPE that it raises is taken back.
pub(super) fn without_sigpipe(write: impl FnOnce()) {
    let mut set = MaybeUninit::uninit();
    let mut before = MaybeUninit::uninit();
    // SAFETY: sigemptyset makes `set` valid before it is used, and
    // pthread_sigmask fills `before`; neither can fail with these arguments.
    let (set, before) = unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), libc::SIGPIPE);
        libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), before.as_mut_ptr());
        (set.assume_init(), before.assume_init())
    };
    let was_pending = is_sigpipe_pending();
    write();
    if !was_pending && is_sigpipe_pending() {
        let mut taken = 0;
        // SAFETY: both pointers are valid. The signal is pending on this
        // thread, so that it is taken at once.
        unsafe { libc::sigwait(&set, &mut taken) };
    }
    // SAFETY: `before` is the valid set that was in force.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, std::ptr::null_mut()) };
}

fn is_sigpipe_pending() -> bool {
    let mut pending = MaybeUninit::uninit();
    // SAFETY: sigpending fills the set before it is read.
    unsafe {
        libc::sigpending(pending.as_mut_ptr());
        libc::sigismember(pending.as_ptr(), libc::SIGPIPE) == 1
    }
}
