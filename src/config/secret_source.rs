//! A secret, or where to read it: an environment variable, a file, a command.
//!
//! A reference is read each time it is needed, so that a running service takes
//! up a rotated secret. Errors name the key and the place, never the content.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::source::one_line;
use crate::call::Call;
use crate::error::{Error, Result, Status};
use crate::os::command::{self, Failure, Until};
use crate::os::environment::{self, Environment};
use crate::secret::Secret;

const MAX_BYTES: usize = 64 * 1024;
const COMMAND_TIMEOUT: Duration = Duration::from_secs(10);
const MORE_RIGHTS: &str = "because this program has more rights than the user who started it";

/// The secret of one configuration key.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct SecretSource {
    pub(crate) key: String,
    /// Whether the value goes into a header, which a line break would split.
    pub(crate) in_header: bool,
    pub(crate) origin: SecretOrigin,
    /// Where a variable is looked up, and what a command gets.
    pub(crate) environment: Environment,
}

/// Where a secret comes from.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum SecretOrigin {
    Value(Secret),
    Env {
        name: String,
    },
    File {
        path: PathBuf,
    },
    Command {
        program: String,
        arguments: Vec<String>,
    },
}

impl SecretOrigin {
    /// Where the secret comes from, for messages; never the secret.
    pub(crate) fn describe(&self) -> String {
        match self {
            Self::Value(_) => "given as a value".to_owned(),
            Self::Env { name } => one_line(&format!("from environment variable {name}")),
            Self::File { path } => one_line(&format!("from file {}", path.display())),
            Self::Command { program, .. } => one_line(&format!("from command {program}")),
        }
    }
}

impl SecretSource {
    /// Blocks for a file, and for a command: at most 10 s, until `deadline`, or
    /// until `call` is cancelled.
    pub(crate) fn read(&self, call: &Call, deadline: Instant) -> Result<Secret> {
        let secret = match &self.origin {
            SecretOrigin::Value(secret) => secret.clone(),
            SecretOrigin::Env { name } => self.read_environment(name)?,
            SecretOrigin::File { path } => {
                let content = read_file(path).map_err(|why| self.error("secret.file", &why))?;
                self.text("secret.file", &content)?
            }
            SecretOrigin::Command { program, arguments } => {
                self.run(program, arguments, call, deadline)?
            }
        };
        if secret.expose().is_empty() {
            return Err(self.error("secret.empty", "is empty"));
        }
        if self.in_header && secret.expose().chars().any(char::is_control) {
            let why = "has a control character, which a header can't have";
            return Err(self.error("secret.control_character", why));
        }
        if self.in_header && !secret.expose().is_ascii() {
            let why = "has a character beyond ASCII, which a header can't have";
            return Err(self.error("secret.not_ascii", why));
        }
        Ok(secret)
    }

    /// What its place holds now, to be compared with what it held: nothing of a
    /// command, which would have to be run. Blocks for a file.
    pub(crate) fn held(&self) -> Option<Secret> {
        match &self.origin {
            SecretOrigin::Command { .. } => None,
            _ => self.read(&Call::new(), Instant::now()).ok(),
        }
    }

    /// Where the secret comes from, for messages; never the secret.
    pub(crate) fn describe(&self) -> String {
        self.origin.describe()
    }

    fn read_environment(&self, name: &str) -> Result<Secret> {
        match self.environment.get(name).map(OsString::into_string) {
            Some(Ok(text)) => Ok(Secret::new(text)),
            Some(Err(_)) => Err(self.error("secret.env_missing", "is not UTF-8")),
            None if environment::is_trusted() => {
                Err(self.error("secret.env_missing", "is not set"))
            }
            None => {
                let why = format!("is not read, {MORE_RIGHTS}");
                Err(self.error("secret.env_missing", &why))
            }
        }
    }

    fn run(
        &self,
        program: &str,
        arguments: &[String],
        call: &Call,
        deadline: Instant,
    ) -> Result<Secret> {
        if !program.contains('/') && !environment::is_trusted() {
            let why = format!("is not looked up in PATH, {MORE_RIGHTS}; give its whole path");
            return Err(self.error("secret.command", &why));
        }
        let longest = Instant::now() + COMMAND_TIMEOUT;
        let until = Until {
            deadline: deadline.min(longest),
            is_cancelled: &|| call.check().is_err(),
        };
        let printed = command::output(program, arguments, &self.environment, until, MAX_BYTES);
        let printed = printed.map_err(|failure| match failure {
            Failure::TimedOut if deadline < longest => self.error_of(
                Status::Deadline,
                "call.deadline",
                "did not end before the deadline; raise the timeout",
            ),
            failure => match call.check() {
                Err(cancelled) => cancelled,
                Ok(()) => self.error("secret.command", &explain(failure)),
            },
        })?;
        self.text("secret.command", &printed)
    }

    /// `bytes` as text, without the line end that editors and `echo` add.
    fn text(&self, code: &'static str, bytes: &[u8]) -> Result<Secret> {
        let text = std::str::from_utf8(bytes).map_err(|_| self.error(code, "is not UTF-8"))?;
        let line = text.strip_suffix('\n');
        let line = line.map(|line| line.strip_suffix('\r').unwrap_or(line));
        Ok(Secret::new(line.unwrap_or(text)))
    }

    fn error(&self, code: &'static str, why: &str) -> Error {
        self.error_of(Status::InvalidConfig, code, why)
    }

    fn error_of(&self, status: Status, code: &'static str, why: &str) -> Error {
        let message = format!("\"{}\" ({}) {why}", one_line(&self.key), self.describe());
        Error::new(status, code, message)
    }
}

/// At most [`MAX_BYTES`] of a regular file; a pipe or a device could block forever.
fn read_file(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    let unreadable = |error: io::Error| format!("cannot be read: {}", error.kind());
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let file = File::open(path).map_err(unreadable)?;
    // Room for all of it, so that no copy of a secret stays in a freed block.
    let mut content = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 1));
    file.take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut content)
        .map_err(unreadable)?;
    if content.len() > MAX_BYTES {
        return Err(format!("has more than {MAX_BYTES} bytes"));
    }
    Ok(content)
}

fn explain(failure: Failure) -> String {
    match failure {
        Failure::NotStarted(kind) => format!("cannot be started: {kind}"),
        Failure::TimedOut => format!("did not end within {} s", COMMAND_TIMEOUT.as_secs()),
        Failure::TooLarge => format!("printed more than {MAX_BYTES} bytes"),
        Failure::Exited(Some(code)) => format!("failed with exit code {code}"),
        Failure::Exited(None) => "was ended by a signal".to_owned(),
        Failure::Cancelled => "was cancelled".to_owned(),
        Failure::Reaped => "can't be told from one that failed, because this program ignores \
                            SIGCHLD or waits for every child itself; handle SIGCHLD by default, \
                            or give a variable or a file instead"
            .to_owned(),
        Failure::Lost(kind) => format!("cannot be waited for: {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(origin: SecretOrigin) -> SecretSource {
        SecretSource {
            key: "client_secret".to_owned(),
            in_header: false,
            origin,
            environment: Environment::default(),
        }
    }

    /// A script of the system's shell.
    fn command(unix: &str, windows: &str) -> SecretSource {
        let (program, option, script) = if cfg!(windows) {
            ("cmd", "/c", windows)
        } else {
            ("sh", "-c", unix)
        };
        source(SecretOrigin::Command {
            program: program.to_owned(),
            arguments: vec![option.to_owned(), script.to_owned()],
        })
    }

    fn read(source: &SecretSource) -> Result<Secret> {
        source.read(&Call::new(), Instant::now() + Duration::from_secs(60))
    }

    fn failure(source: &SecretSource) -> (String, String) {
        let error = read(source).err().unwrap();
        assert_eq!(error.status(), Status::InvalidConfig);
        (error.code().to_owned(), error.message().to_owned())
    }

    #[test]
    fn one_line_end_is_cut_off_what_a_file_or_command_gives() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        for (content, secret) in [
            ("key", "key"),
            ("key\n", "key"),
            ("key\r\n", "key"),
            ("key\n\n", "key\n"),
            (" key\r", " key\r"),
        ] {
            std::fs::write(&path, content).unwrap();
            let file = source(SecretOrigin::File { path: path.clone() });
            assert_eq!(read(&file).unwrap().expose(), secret, "{content:?}");
        }
        let printed = read(&command("printf 'key\\n\\n'", "echo key&echo."));
        let one_line_end_less = if cfg!(windows) { "key\r\n" } else { "key\n" };
        assert_eq!(printed.unwrap().expose(), one_line_end_less);
    }

    #[test]
    fn a_file_that_cannot_serve_is_named_with_the_reason() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret");
        let file = source(SecretOrigin::File { path: path.clone() });
        let told = |why: &str| format!("\"client_secret\" (from file {}) {why}", path.display());
        assert_eq!(
            failure(&file),
            (
                "secret.file".into(),
                told("cannot be read: entity not found")
            )
        );
        std::fs::write(&path, vec![b'x'; MAX_BYTES]).unwrap();
        assert_eq!(read(&file).unwrap().expose().len(), MAX_BYTES);
        std::fs::write(&path, vec![b'x'; MAX_BYTES + 1]).unwrap();
        assert_eq!(
            failure(&file),
            ("secret.file".into(), told("has more than 65536 bytes"))
        );
        std::fs::write(&path, b"\xFFkey").unwrap();
        assert_eq!(failure(&file), ("secret.file".into(), told("is not UTF-8")));
        std::fs::write(&path, "\n").unwrap();
        assert_eq!(failure(&file), ("secret.empty".into(), told("is empty")));
        let folder = source(SecretOrigin::File {
            path: directory.path().to_owned(),
        });
        assert!(failure(&folder).1.ends_with("is not a regular file"));
    }

    #[test]
    fn a_command_that_fails_is_told_without_its_arguments_and_output() {
        let (code, message) = failure(&command("echo canary; exit 3", "echo canary&exit 3"));
        assert_eq!(code, "secret.command");
        assert_eq!(
            message,
            format!(
                "\"client_secret\" (from command {}) failed with exit code 3",
                if cfg!(windows) { "cmd" } else { "sh" }
            )
        );
        let missing = source(SecretOrigin::Command {
            program: "/nonexistent/vault".to_owned(),
            arguments: vec![],
        });
        assert_eq!(
            failure(&missing).1,
            "\"client_secret\" (from command /nonexistent/vault) cannot be started: entity not found"
        );
    }

    #[test]
    fn a_missing_variable_is_named() {
        let name = "AUTHKEEP_TEST_UNSET".to_owned();
        let (code, message) = failure(&source(SecretOrigin::Env { name }));
        assert_eq!(code, "secret.env_missing");
        assert_eq!(
            message,
            "\"client_secret\" (from environment variable AUTHKEEP_TEST_UNSET) is not set"
        );
        let path = source(SecretOrigin::Env {
            name: "PATH".to_owned(),
        });
        assert_eq!(
            read(&path).unwrap().expose(),
            std::env::var("PATH").unwrap()
        );
    }

    #[test]
    fn a_secret_for_a_header_has_one_line_of_ascii() {
        let mut two_lines = command("printf 'key\\nX-Evil: 1'", "echo key&echo X-Evil: 1");
        assert!(read(&two_lines).is_ok());
        two_lines.in_header = true;
        assert_eq!(failure(&two_lines).0, "secret.control_character");
        let name = "AUTHKEEP_TEST_BEYOND_ASCII";
        let mut beyond = source(SecretOrigin::Env { name: name.into() });
        beyond.environment.hand_over(name, "kü");
        assert!(read(&beyond).is_ok());
        beyond.in_header = true;
        assert_eq!(failure(&beyond).0, "secret.not_ascii");
    }

    #[test]
    fn a_command_ends_by_the_deadline_and_the_cancellation_of_its_caller() {
        let hanging = command("sleep 60", "ping -n 60 127.0.0.1 >nul");
        let begin = Instant::now();
        let soon = begin + Duration::from_millis(100);
        let error = hanging.read(&Call::new(), soon).err().unwrap();
        assert_eq!(error.status(), Status::Deadline, "{error}");
        assert!(error.message().contains("client_secret"), "{error}");
        let cancelled = Call::new();
        cancelled.cancel();
        let error = hanging.read(&cancelled, begin + Duration::from_secs(60));
        assert_eq!(error.err().unwrap().status(), Status::Cancelled);
        assert!(begin.elapsed() < Duration::from_secs(8));
    }
}
