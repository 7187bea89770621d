//! Runs a program for what it prints, within a time and a size.
//!
//! The program gets a process group of its own, so that a signal from the
//! terminal doesn't tear it and a timeout ends whatever it has started. Its
//! output counts until it exits, even when something it has started (an agent,
//! say) keeps the pipe open.

use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::environment::{self, Environment};
use super::poll::{self, Interest};

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
    let mut child = command
        .args(arguments)
        .envs(environment.handed_over())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| Failure::NotStarted(error.kind()))?;
    let result = collect(&mut child, until, limit);
    if matches!(
        result,
        Err(Failure::TimedOut | Failure::TooLarge | Failure::Cancelled)
    ) {
        kill_group(&mut child);
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
    let Some(mut pipe) = child.stdout.take() else {
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
        if poll::wait(pipe.as_raw_fd(), Interest::Read, None, wait).map_err(lost)? {
            match read_some(&mut pipe, &mut output, limit)? {
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
    match error.raw_os_error() {
        Some(libc::ECHILD) => Failure::Reaped,
        _ => Failure::Lost(error.kind()),
    }
}

fn kill_group(child: &mut Child) {
    let (Ok(None), Ok(group)) = (child.try_wait(), libc::pid_t::try_from(child.id())) else {
        return;
    };
    // SAFETY: kill touches no memory. The child has not been reaped, so its
    // number is still its own, and it leads the group of that number.
    unsafe {
        libc::kill(-group, libc::SIGKILL);
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::OpenOptionsExt;

    use super::*;

    fn within(timeout_ms: u64) -> Until<'static> {
        Until {
            deadline: Instant::now() + Duration::from_millis(timeout_ms),
            is_cancelled: &|| false,
        }
    }

    fn shell(script: &str, timeout_ms: u64, limit: usize) -> Result<String, Failure> {
        let arguments = ["-c".to_owned(), script.to_owned()];
        let output = output(
            "sh",
            &arguments,
            &Environment::default(),
            within(timeout_ms),
            limit,
        )?;
        Ok(String::from_utf8(output.to_vec()).unwrap())
    }

    #[test]
    fn the_output_is_returned_without_what_goes_to_standard_error() {
        let printed = shell("cat; echo one; echo noise >&2; echo two", 10_000, 100);
        assert_eq!(printed.as_deref(), Ok("one\ntwo\n"));
    }

    #[test]
    fn a_program_that_fails_is_told_by_its_exit_code() {
        assert_eq!(
            shell("echo s; exit 3", 10_000, 100),
            Err(Failure::Exited(Some(3)))
        );
        assert_eq!(shell("kill -9 $$", 10_000, 100), Err(Failure::Exited(None)));
        let missing = output(
            "/nonexistent/program",
            &[],
            &Environment::default(),
            within(10_000),
            10,
        );
        assert_eq!(
            missing.err(),
            Some(Failure::NotStarted(io::ErrorKind::NotFound))
        );
    }

    #[test]
    fn output_over_the_limit_ends_the_program() {
        assert_eq!(shell("printf 1234", 10_000, 4).as_deref(), Ok("1234"));
        assert_eq!(
            shell("printf 12345; sleep 60", 10_000, 4),
            Err(Failure::TooLarge)
        );
        assert_eq!(shell("exec yes", 10_000, 65_536), Err(Failure::TooLarge));
    }

    #[test]
    fn a_program_that_hangs_is_ended_with_all_it_started() {
        let directory = tempfile::tempdir().unwrap();
        let fifo = directory.path().join("fifo");
        let script = format!(
            "mkfifo {fifo}; sleep 60 3<>{fifo} & echo partial; wait",
            fifo = fifo.display()
        );
        let begin = Instant::now();
        assert_eq!(shell(&script, 500, 100), Err(Failure::TimedOut));
        // The fifo has a reader, and can be opened, until the last is dead.
        while std::fs::OpenOptions::new()
            .write(true)
            .custom_flags(libc::O_NONBLOCK)
            .open(&fifo)
            .is_ok()
        {
            assert!(begin.elapsed() < Duration::from_secs(10));
        }
    }

    #[test]
    fn closing_the_output_does_not_escape_the_timeout() {
        let begin = Instant::now();
        assert_eq!(
            shell("exec >&-; sleep 60", 300, 100),
            Err(Failure::TimedOut)
        );
        assert!(begin.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn a_cancelled_caller_does_not_wait() {
        let begin = Instant::now();
        let cancelled = Until {
            is_cancelled: &|| begin.elapsed() > Duration::from_millis(50),
            ..within(60_000)
        };
        let arguments = ["60".to_owned()];
        let result = output("sleep", &arguments, &Environment::default(), cancelled, 10);
        assert_eq!(result.err(), Some(Failure::Cancelled));
        assert!(begin.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn something_left_running_with_the_pipe_does_not_delay_the_output() {
        let begin = Instant::now();
        assert_eq!(
            shell("sleep 20 & echo key", 10_000, 100).as_deref(),
            Ok("key\n")
        );
        assert!(begin.elapsed() < Duration::from_secs(8));
    }
}
