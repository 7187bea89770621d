use super::*;

fn within(timeout_ms: u64) -> Until<'static> {
    Until {
        deadline: Instant::now() + Duration::from_millis(timeout_ms),
        is_cancelled: &|| false,
    }
}

/// Runs a script of the system's shell.
fn shell(script: &str, timeout_ms: u64, limit: usize) -> Result<String, Failure> {
    let (program, option) = if cfg!(windows) {
        ("cmd", "/c")
    } else {
        ("sh", "-c")
    };
    let output = output(
        program,
        &[option.to_owned(), script.to_owned()],
        &Environment::default(),
        within(timeout_ms),
        limit,
    )?;
    Ok(String::from_utf8(output.to_vec()).unwrap())
}

/// The script for this system.
fn either(unix: &'static str, windows: &'static str) -> &'static str {
    if cfg!(windows) { windows } else { unix }
}

#[test]
fn the_output_is_returned_without_what_goes_to_standard_error() {
    let script = either(
        "cat; echo one; echo noise >&2; echo two",
        "more&echo one&echo noise>&2&echo two",
    );
    let printed = shell(script, 10_000, 100);
    assert_eq!(
        printed.as_deref(),
        Ok(either("one\ntwo\n", "one\r\ntwo\r\n"))
    );
}

#[test]
fn a_program_that_fails_is_told_by_its_exit_code() {
    let script = either("echo s; exit 3", "echo s&exit 3");
    assert_eq!(shell(script, 10_000, 100), Err(Failure::Exited(Some(3))));
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
#[cfg(unix)] // a program has no other end on Windows than an exit code
fn a_program_that_a_signal_ends_has_no_exit_code() {
    assert_eq!(shell("kill -9 $$", 10_000, 100), Err(Failure::Exited(None)));
}

#[test]
fn output_over_the_limit_ends_the_program() {
    let (fits, exceeds) = if cfg!(windows) {
        ("echo 12", "echo 123&ping -n 60 127.0.0.1 >nul")
    } else {
        ("printf 1234", "printf 12345; sleep 60")
    };
    assert_eq!(shell(fits, 10_000, 4).unwrap().len(), 4);
    assert_eq!(shell(exceeds, 10_000, 4), Err(Failure::TooLarge));
    let endless = either("exec yes", "for /l %i in (1,1,1000000) do @echo yes");
    assert_eq!(shell(endless, 10_000, 1_000), Err(Failure::TooLarge));
}

#[test]
#[cfg(unix)] // the one below shows the same without a fifo
fn a_program_that_hangs_is_ended_with_all_it_started() {
    use std::os::unix::fs::OpenOptionsExt;

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
#[cfg(windows)]
fn a_program_that_hangs_is_ended_with_all_it_started() {
    use std::os::windows::fs::OpenOptionsExt;

    let directory = tempfile::tempdir().unwrap();
    let held = directory.path().join("held");
    let script = format!(
        "start /b ping -n 60 127.0.0.1 >{} & echo partial& ping -n 60 127.0.0.1 >nul",
        held.display()
    );
    let begin = Instant::now();
    assert_eq!(shell(&script, 2_000, 100), Err(Failure::TimedOut));
    assert!(held.exists(), "it was started");
    // Nobody else can open the file until the last is dead.
    while let Err(error) = std::fs::OpenOptions::new()
        .read(true)
        .share_mode(0)
        .open(&held)
    {
        assert!(begin.elapsed() < Duration::from_secs(10), "{error}");
    }
}

#[test]
#[cfg(unix)] // a program of Windows can't close what it was started with
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
    let (program, arguments): (_, &[&str]) = if cfg!(windows) {
        ("ping", &["-n", "60", "127.0.0.1"])
    } else {
        ("sleep", &["60"])
    };
    let arguments: Vec<String> = arguments.iter().map(ToString::to_string).collect();
    let result = output(
        program,
        &arguments,
        &Environment::default(),
        cancelled,
        10_000,
    );
    assert_eq!(result.err(), Some(Failure::Cancelled));
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[test]
fn something_left_running_with_the_pipe_does_not_delay_the_output() {
    let script = either(
        "sleep 20 & echo key",
        "start /b ping -n 20 127.0.0.1&echo key",
    );
    let begin = Instant::now();
    let printed = shell(script, 10_000, 10_000).unwrap();
    assert!(printed.contains("key"), "{printed}");
    assert!(begin.elapsed() < Duration::from_secs(8));
}
