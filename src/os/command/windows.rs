//! A job. The program enters it before its first step, so that nothing that it
//! starts is left out.

use std::io;
use std::os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle};
use std::os::windows::process::CommandExt;
use std::process::{Child, ChildStdout, Command};
use std::ptr::{null, null_mut};
use std::time::{Duration, Instant};

use windows_sys::Win32::Foundation::{ERROR_BROKEN_PIPE, HANDLE, INVALID_HANDLE_VALUE};
use windows_sys::Win32::System::Diagnostics::ToolHelp::{
    CreateToolhelp32Snapshot, TH32CS_SNAPTHREAD, THREADENTRY32, Thread32First, Thread32Next,
};
use windows_sys::Win32::System::JobObjects::{
    AssignProcessToJobObject, CreateJobObjectW, TerminateJobObject,
};
use windows_sys::Win32::System::Pipes::PeekNamedPipe;
use windows_sys::Win32::System::Threading::{
    CREATE_NO_WINDOW, CREATE_SUSPENDED, OpenThread, ResumeThread, THREAD_SUSPEND_RESUME,
};

/// Pipes can't be waited for: how often to look.
const LOOK: Duration = Duration::from_millis(2);

/// What the program has started, and itself.
pub(super) struct Group(OwnedHandle);

pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Group)> {
    // SAFETY: a job without a name and with default rights needs no memory.
    let job = owned(unsafe { CreateJobObjectW(null(), null()) })?;
    let mut child = command
        .creation_flags(CREATE_NO_WINDOW | CREATE_SUSPENDED)
        .spawn()?;
    // SAFETY: both handles are open for the length of the call.
    let entered = unsafe { AssignProcessToJobObject(job.as_raw_handle(), child.as_raw_handle()) };
    let begun = match entered {
        0 => Err(io::Error::last_os_error()),
        _ => resume(child.id()),
    };
    if let Err(error) = begun {
        child.kill()?;
        return Err(error);
    }
    Ok((child, Group(job)))
}

/// Lets the threads of a process run: the first, since it has run none yet.
fn resume(process: u32) -> io::Result<()> {
    // SAFETY: the call takes no memory.
    let all = owned(unsafe { CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0) })?;
    let mut entry = THREADENTRY32 {
        dwSize: size_of::<THREADENTRY32>() as u32,
        ..Default::default()
    };
    // SAFETY: the snapshot is open, and the entry says how large it is.
    let mut more = unsafe { Thread32First(all.as_raw_handle(), &mut entry) };
    while more != 0 {
        if entry.th32OwnerProcessID == process {
            // SAFETY: the calls take no memory, and the thread is open.
            unsafe {
                let thread = owned(OpenThread(THREAD_SUSPEND_RESUME, 0, entry.th32ThreadID))?;
                if ResumeThread(thread.as_raw_handle()) == u32::MAX {
                    return Err(io::Error::last_os_error());
                }
            }
            return Ok(());
        }
        // SAFETY: as for the first.
        more = unsafe { Thread32Next(all.as_raw_handle(), &mut entry) };
    }
    Err(io::ErrorKind::NotFound.into())
}

/// A handle that was just made, and is closed when dropped.
fn owned(handle: HANDLE) -> io::Result<OwnedHandle> {
    if handle.is_null() || handle == INVALID_HANDLE_VALUE {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the handle is open, and nobody else has it.
    Ok(unsafe { OwnedHandle::from_raw_handle(handle) })
}

impl Group {
    /// Ends all of it.
    pub(super) fn kill(&self, _: &mut Child) {
        // SAFETY: the job is open.
        unsafe { TerminateJobObject(self.0.as_raw_handle(), 1) };
    }
}

/// Waits until the pipe has a byte or its end or `timeout` passes.
pub(super) fn is_readable(pipe: &ChildStdout, timeout: Duration) -> io::Result<bool> {
    let until = Instant::now() + timeout;
    loop {
        let mut available = 0;
        // SAFETY: the pipe is open, nothing is copied out of it, and the count
        // is written to a valid place.
        let looked = unsafe {
            let pipe = pipe.as_raw_handle();
            PeekNamedPipe(pipe, null_mut(), 0, null_mut(), &mut available, null_mut())
        };
        if looked == 0 {
            let error = io::Error::last_os_error();
            return match error.raw_os_error() {
                Some(code) if code as u32 == ERROR_BROKEN_PIPE => Ok(true),
                _ => Err(error),
            };
        }
        let left = until.saturating_duration_since(Instant::now());
        if available > 0 || left.is_zero() {
            return Ok(available > 0);
        }
        std::thread::sleep(LOOK.min(left));
    }
}

/// The exit code stays with the handle, whoever else asks for it.
pub(super) fn was_reaped(_: &io::Error) -> bool {
    false
}
