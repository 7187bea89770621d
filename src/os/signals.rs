//! Signals of Unix; Windows has none.

use std::mem::MaybeUninit;

/// Blocks every signal on this thread until dropped; a new thread inherits it.
pub(super) struct Blocked {
    before: libc::sigset_t,
}

impl Blocked {
    pub(super) fn new() -> Self {
        let mut all = MaybeUninit::uninit();
        let mut before = MaybeUninit::uninit();
        // SAFETY: both sets are written by the calls before they are read:
        // sigfillset fills `all`, pthread_sigmask fills `before`, and neither
        // can fail with a valid pointer and SIG_SETMASK.
        let before = unsafe {
            libc::sigfillset(all.as_mut_ptr());
            libc::pthread_sigmask(libc::SIG_SETMASK, all.as_ptr(), before.as_mut_ptr());
            before.assume_init()
        };
        Blocked { before }
    }
}

impl Drop for Blocked {
    fn drop(&mut self) {
        // SAFETY: `before` is the valid set that was in force.
        unsafe {
            libc::pthread_sigmask(libc::SIG_SETMASK, &self.before, std::ptr::null_mut());
        }
    }
}

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::os::thread::spawn_detached;
    use std::sync::mpsc;

    #[test]
    fn a_detached_thread_has_every_signal_blocked_and_its_starter_keeps_its_mask() {
        fn is_blocked(signal: libc::c_int) -> bool {
            let mut mask = MaybeUninit::uninit();
            // SAFETY: a null set reads the mask into `mask`.
            unsafe {
                libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), mask.as_mut_ptr());
                libc::sigismember(mask.as_ptr(), signal) == 1
            }
        }
        let (sender, receiver) = mpsc::channel();
        spawn_detached("test", move || {
            sender.send(is_blocked(libc::SIGUSR1)).unwrap()
        })
        .unwrap();
        assert!(receiver.recv().unwrap());
        assert!(!is_blocked(libc::SIGUSR1));
    }
}
