//! Where a value came from: for error messages, for relative paths, and for
//! what the place is trusted with.

use std::path::{Path, PathBuf};

use crate::error::{Error, Status};

pub(crate) struct Source {
    /// Ends each message about a value from here.
    place: String,
    /// What relative paths start from; the working directory without.
    directory: Option<PathBuf>,
    /// Why secrets may not be taken from the environment, files and commands:
    /// goes on after "which".
    pub(crate) references_refused: Option<&'static str>,
}

impl Source {
    /// The code of the program itself.
    pub(crate) fn program() -> Source {
        Source {
            place: String::new(),
            directory: None,
            references_refused: None,
        }
    }

    /// A provider: `name` is its name, or the name of its file.
    pub(crate) fn provider(name: &str, directory: Option<&Path>) -> Source {
        Source {
            place: format!(" (in provider {})", quoted(name)),
            directory: directory.map(Path::to_owned),
            references_refused: Some(
                "a provider may not have; it says how a system is talked to, not who talks",
            ),
        }
    }

    pub(crate) fn profile(name: &str, file: &Path, references_allowed: bool) -> Source {
        Source {
            place: format!(" (in profile {}, {})", quoted(name), file_name(file)),
            directory: file.parent().map(Path::to_owned),
            references_refused: (!references_allowed).then_some(
                "a profile of this file may not have unless the program permits it with \
                 allow_references",
            ),
        }
    }

    /// The place, for an explanation.
    pub(crate) fn name(&self) -> &str {
        let place = self.place.strip_prefix(" (in ");
        place
            .and_then(|place| place.strip_suffix(')'))
            .unwrap_or("program")
    }

    pub(crate) fn path(&self, text: &str) -> PathBuf {
        match &self.directory {
            Some(directory) => directory.join(text),
            None => PathBuf::from(text),
        }
    }

    pub(crate) fn error(&self, code: &'static str, message: impl Into<String>) -> Error {
        self.error_of(Status::InvalidConfig, code, message)
    }

    pub(crate) fn error_of(
        &self,
        status: Status,
        code: &'static str,
        message: impl Into<String>,
    ) -> Error {
        Error::new(status, code, message.into() + &self.place)
    }
}

/// A name from outside, for a message: in quotes, on one line, of bounded length.
pub(crate) fn quoted(name: &str) -> String {
    const LONGEST: usize = 80;
    let mut shown: String = name.chars().take(LONGEST).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    format!("\"{}\"", one_line(&shown))
}

/// The last part of `file`, as in messages about what is in it.
pub(crate) fn file_name(file: &Path) -> String {
    let name = file.file_name().unwrap_or(file.as_os_str());
    one_line(&name.to_string_lossy())
}

/// `text` with control characters made visible.
pub(crate) fn one_line(text: &str) -> String {
    let shown = text.chars().map(|character| match character {
        c if c.is_control() => c.escape_default().to_string(),
        c => c.to_string(),
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_on_one_line_and_not_at_any_length() {
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
        assert_eq!(quoted(&"é".repeat(81)), format!("\"{}…\"", "é".repeat(80)));
        assert_eq!(quoted("ü"), "\"ü\"");
    }

    #[test]
    fn paths_of_a_profile_start_where_its_file_is() {
        let source = Source::profile("p", Path::new("/etc/app/p.json"), true);
        assert_eq!(source.path("ca.pem"), Path::new("/etc/app/ca.pem"));
        assert_eq!(source.path("/ca.pem"), Path::new("/ca.pem"));
        assert_eq!(Source::program().path("ca.pem"), Path::new("ca.pem"));
    }
}
