//! One language at one place: goes along with its program, and judges what that
//! prints.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::Language;
use crate::names::SilentNames;
use crate::places::{Hang, Place};
use crate::support::clients::TOLERANCE;
use crate::support::languages::Start;

/// Each with a client of its own.
const ROUNDS: usize = 3;
/// How often a cell is measured before a late end is a failure.
const ATTEMPTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(20);

/// How late calls ended, in milliseconds, by the way in which they did.
pub type Late = BTreeMap<String, Vec<f64>>;

/// What came of one language at one place.
pub struct Cell {
    /// Empty after a fault.
    pub late: Late,
    /// The measurements that were made again, and why.
    pub again: Vec<String>,
    /// What is wrong in the end.
    pub fault: Option<String>,
}

/// Why there is no measurement.
enum Fault {
    /// It was no good; another may be.
    Late(String),
    Wrong(String),
}

/// Measures, and again if it comes out late.
pub fn cell(
    language: &Language,
    place: &Place,
    start: &Start,
    names: Option<&SilentNames>,
) -> Cell {
    let mut again = Vec::new();
    loop {
        let hangs: Vec<Hang> = (0..ROUNDS).map(|_| (place.hang)(names)).collect();
        let mut command = match names {
            Some(names) => names.alone(&start()),
            None => start(),
        };
        command.arg(place.calls);
        command.args(hangs.iter().map(|hang| hang.config.to_string()));
        let measured = run(command, &hangs).and_then(|late| in_time(language, &hangs, late));
        let at = |what| format!("{} at the {}: {what}", language.name, place.name);
        let (late, fault) = match measured {
            Ok(late) => (late, None),
            Err(Fault::Late(what)) if again.len() + 1 < ATTEMPTS => {
                again.push(at(what));
                continue;
            }
            Err(Fault::Late(what) | Fault::Wrong(what)) => (Late::new(), Some(at(what))),
        };
        return Cell { late, again, fault };
    }
}

/// Goes along with a program, and takes down what it prints.
fn run(mut command: Command, hangs: &[Hang]) -> Result<Late, Fault> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut complaint = child.stderr.take().unwrap();
    let complaint = thread::spawn(move || {
        let mut said = String::new();
        complaint.read_to_string(&mut said).map(|_| said)
    });
    let followed = follow(&mut child, hangs);
    if followed.is_err() {
        child.kill().unwrap();
    }
    let status = child.wait().unwrap();
    let said = complaint.join().unwrap().unwrap();
    let late = followed?;
    if !status.success() || !said.is_empty() {
        return Err(Fault::Wrong(format!("{status}, {said}")));
    }
    Ok(late)
}

fn follow(child: &mut Child, hangs: &[Hang]) -> Result<Late, Fault> {
    let mut input = child.stdin.take().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut late = Late::new();
    let mut hangs = hangs.iter();
    for line in output.lines() {
        let line = line.unwrap();
        let Some((way, number)) = line.trim_end().split_once(' ') else {
            continue;
        };
        if let ("waiting", Ok(calls)) = (way, number.parse()) {
            let hang = hangs.next().expect("a round for each config");
            until(|| hang.has(calls))?;
            // How it ended, if it has, is told by its status.
            let _ = writeln!(input, "go on");
        } else if let Ok(ms) = number.parse() {
            late.entry(way.to_owned()).or_default().push(ms);
        } // else it is of the frame that a test in Rust has.
    }
    Ok(late)
}

fn until(holds: impl Fn() -> bool) -> Result<(), Fault> {
    let begin = Instant::now();
    while !holds() {
        if begin.elapsed() > PATIENCE {
            return Err(Fault::Late("its calls did not get there".to_owned()));
        }
        thread::sleep(Duration::from_millis(1));
    }
    Ok(())
}

fn in_time(language: &Language, hangs: &[Hang], late: Late) -> Result<Late, Fault> {
    let known: Vec<&str> = late.keys().map(String::as_str).collect();
    let mut ways = language.ways.to_vec();
    ways.sort_unstable();
    if known != ways || late.values().any(|each| each.len() < ROUNDS) {
        return Err(Fault::Wrong(format!("it printed {late:?}")));
    }
    let calls = late.values().map(Vec::len).sum::<usize>() / ROUNDS;
    if !hangs.iter().all(|hang| hang.has(calls)) {
        return Err(Fault::Late(
            "some calls ended before they got there".to_owned(),
        ));
    }
    // A timer may ring a little early, by another clock's count.
    let range = -5.0..=TOLERANCE.as_secs_f64() * 1e3;
    for (way, each) in &late {
        if let Some(late) = each.iter().find(|late| !range.contains(*late)) {
            return Err(Fault::Late(format!("{way} after {late:.1} ms")));
        }
    }
    Ok(late)
}
