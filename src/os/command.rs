//! Runs a program for what it prints, within a time and a size.
//!
//! The program gets a group of its own (on Windows a job, without a window), so
//! that a signal from the terminal doesn't tear it and a timeout ends whatever
//! it has started. Its output counts until it exits, even when something it has
//! started (an agent, say) keeps the pipe open.

#[cfg_attr(unix, path = "command/unix.rs")]
#[cfg_attr(windows, path = "command/windows.rs")]
mod system;

use std::io::{self, Read};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::environment::{self, Environment};
use super::fork::Own;

/// How long the exit of the program can go unnoticed.
const SLICE: Duration = Duration::from_millis(20);

/// How long a program is waited for.
#[derive(Clone, Copy)]
pub(crate) struct Until<'a> {
    pub(crate) deadline: Instant,
    pub(crate) is_cancelled: &'a dyn Fn() -> bool,
}

impl Until<'_> {
    fn left(self) -> Result<Duration, Failure> {
        if (self.is_cancelled)() {
            return Err(Failure::Cancelled);
        }
        match self.deadline.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(Failure::TimedOut),
            left => Ok(left),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Failure {
    NotStarted(io::ErrorKind),
    TimedOut,
    TooLarge,
    /// The exit code; `None` after a signal.
    Exited(Option<i32>),
    /// The caller was cancelled.
    Cancelled,
    /// The host ignores SIGCHLD, or waits for every child itself: whether the
    /// program succeeded can't be known.
    Reaped,
    /// Its output or exit status can't be had.
    Lost(io::ErrorKind),
}

/// What `program` prints to its standard output, if it ends by `until`. It reads
/// nothing, its standard error is discarded, and no shell is involved.
pub(crate) fn output(
    program: &str,
    arguments: &[String],
    environment: &Environment,
    until: Until,
    limit: usize,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let mut command = Command::new(program);
    if !environment::is_trusted() {
        command.env_clear();
    }
    command
        .args(arguments)
        .envs(environment.handed_over())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let (mut child, group) =
        system::spawn(&mut command).map_err(|error| Failure::NotStarted(error.kind()))?;
    let result = collect(&mut child, until, limit);
    if matches!(
        result,
        Err(Failure::TimedOut | Failure::TooLarge | Failure::Cancelled)
    ) {
        group.kill(&mut child);
        // Reaps it; one that is stuck in the kernel is left behind.
        let soon = Until {
            deadline: Instant::now() + SLICE * 10,
            is_cancelled: &|| false,
        };
        let _ = exit_status(&mut child, soon);
    }
    result
}

fn collect(child: &mut Child, until: Until, limit: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let Some(mut pipe) = child.stdout.take().map(Own::new) else {
        return Err(Failure::Lost(io::ErrorKind::BrokenPipe));
    };
    // Room for all of it, so that no copy of a secret stays in a freed block.
    let mut output = Zeroizing::new(Vec::with_capacity(limit + 1));
    loop {
        let exited = child.try_wait().map_err(lost)?.is_some();
        let wait = if exited {
            Duration::ZERO
        } else {
            SLICE.min(until.left()?)
        };
        if system::is_readable(pipe.get().map_err(lost)?, wait).map_err(lost)? {
            match read_some(pipe.get_mut().map_err(lost)?, &mut output, limit)? {
                0 => break,
                _ => continue,
            }
        }
        if exited {
            break;
        }
    }
    let status = exit_status(child, until)?;
    if !status.success() {
        return Err(Failure::Exited(status.code()));
    }
    Ok(output)
}

/// Reads what the pipe has, at least a byte or its end.
fn read_some(pipe: &mut ChildStdout, to: &mut Vec<u8>, limit: usize) -> Result<usize, Failure> {
    let mut chunk = Zeroizing::new([0; 4096]);
    let count = loop {
        match pipe.read(chunk.as_mut_slice()) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => break other.map_err(lost)?,
        }
    };
    if to.len() + count > limit {
        return Err(Failure::TooLarge);
    }
    to.extend_from_slice(&chunk[..count]);
    Ok(count)
}

fn exit_status(child: &mut Child, until: Until) -> Result<ExitStatus, Failure> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait().map_err(lost)? {
            return Ok(status);
        }
        std::thread::sleep(pause.min(until.left()?));
        pause = (pause * 2).min(SLICE);
    }
}

fn lost(error: io::Error) -> Failure {
    match system::was_reaped(&error) {
        true => Failure::Reaped,
        false => Failure::Lost(error.kind()),
    }
}

#[cfg(test)]
mod tests;
