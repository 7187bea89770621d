//! A process group, which the program leads.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command};
use std::time::Duration;

use crate::os::poll::{self, Interest};

/// What the program has started, and itself.
pub(super) struct Group;

pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Group)> {
    let child = command.process_group(0).spawn()?;
    Ok((child, Group))
}

impl Group {
    /// Ends all of it, unless the program has ended already.
    pub(super) fn kill(&self, child: &mut Child) {
        let (Ok(None), Ok(group)) = (child.try_wait(), libc::pid_t::try_from(child.id())) else {
            return;
        };
        // SAFETY: kill touches no memory. The child has not been reaped, so its
        // number is still its own, and it leads the group of that number.
        unsafe {
            libc::kill(-group, libc::SIGKILL);
        }
    }
}

/// Waits until the pipe has a byte or its end, a signal arrives or `timeout`
/// passes.
pub(super) fn is_readable(pipe: &ChildStdout, timeout: Duration) -> io::Result<bool> {
    poll::wait(pipe, Interest::Read, None, timeout)
}

/// Whether somebody else has waited for the program, or nobody ever may.
pub(super) fn was_reaped(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ECHILD)
}
