//! One way to send requests in each language: the library itself, and programs
//! that do what they are told, line by line.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use authkeep::{Call, Client, Config, Request};
use serde_json::Value;

use super::languages::{self, Start};

/// A language that can send requests.
pub struct Driver {
    /// What it is called.
    pub language: &'static str,
    /// `None`: the library itself.
    program: Option<Start>,
}

/// A client in the language of its driver.
pub enum Session {
    /// Of the library itself.
    Client(Client),
    /// Of a program.
    Process {
        /// It ends with its input.
        child: Child,
        /// Takes commands.
        input: Option<ChildStdin>,
        /// Gives a line for each.
        output: BufReader<ChildStdout>,
    },
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// The API's status.
    Status(u16),
    /// The library's error.
    Error {
        /// The string code.
        code: String,
        /// What the user reads.
        message: String,
    },
}

impl Driver {
    /// The library itself.
    pub fn rust() -> Driver {
        Driver {
            language: "Rust",
            program: None,
        }
    }

    /// `tests/c/drive.c`; `None` when there is no compiler.
    pub fn c() -> Option<Driver> {
        Some(Driver::of("C", languages::c("drive.c")?))
    }

    /// `tests/cpp/drive.cpp`; `None` when there is no compiler.
    pub fn cpp() -> Option<Driver> {
        Some(Driver::of("C++", languages::cpp("drive.cpp")?))
    }

    /// `tests/python/drive.py`; `None` when there is no Python.
    pub fn python() -> Option<Driver> {
        Some(Driver::of("Python", languages::python("drive.py")?))
    }

    /// `tests/dotnet/programs/Drive.cs` on .NET, else on Mono; `None` when there is neither.
    pub fn csharp() -> Option<Driver> {
        let program = languages::csharp(&["tests/dotnet/programs/Drive.cs"])?;
        Some(Driver::of("C#", program))
    }

    fn of(language: &'static str, program: Start) -> Driver {
        Driver {
            language,
            program: Some(program),
        }
    }

    /// Makes a client of a config.
    pub fn open(&self, config: &Value) -> Session {
        let Some(program) = &self.program else {
            let mut keys = Config::new();
            keys.merge_json(&config.to_string()).unwrap();
            return Session::Client(Client::new(&keys).unwrap());
        };
        let mut child = program()
            .arg(config.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Session::Process {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }
}

impl Session {
    /// Does what a line says: a method, a target, and JSON if there is a body.
    pub fn send(&mut self, line: &str) -> Answer {
        match self {
            Session::Client(client) => perform(client, line),
            Session::Process { input, output, .. } => {
                writeln!(input.as_ref().unwrap(), "{line}").unwrap();
                let mut answer = String::new();
                output.read_line(&mut answer).unwrap();
                parse(answer.trim_end())
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Session::Process { child, input, .. } = self {
            drop(input.take());
            let _ = child.wait();
        }
    }
}

fn perform(client: &Client, line: &str) -> Answer {
    let mut words = line.splitn(3, ' ');
    let mut word = || words.next().unwrap_or_default();
    let mut request = Request::new(word(), word()).unwrap();
    if let json @ [_, ..] = word().as_bytes() {
        request.set_json(str::from_utf8(json).unwrap()).unwrap();
    }
    match client.perform(&request, &Call::new()) {
        Ok(response) => Answer::Status(response.status()),
        Err(error) => Answer::Error {
            code: error.code().to_owned(),
            message: error.message().to_owned(),
        },
    }
}

fn parse(line: &str) -> Answer {
    let error = || {
        let (code, message) = line.strip_prefix("error ")?.split_once(' ')?;
        Some(Answer::Error {
            code: code.to_owned(),
            message: message.to_owned(),
        })
    };
    match line.parse() {
        Ok(status) => Answer::Status(status),
        Err(_) => error().unwrap_or_else(|| panic!("a program answered {line:?}")),
    }
}
