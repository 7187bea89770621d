//! The program of Rust: this one, run again. It is told, and prints, what
//! `tests/c/wait.c` is and does.

use std::env;
use std::io;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use authkeep::{Call, Client, Config, Status};

use crate::support::require::say;

const EACH: u64 = 4;

/// This program, ready for its arguments, with the test `name` alone.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(env::current_exe().unwrap());
    // More than one thread, or the harness begins a line that we would go on with.
    command.args(["--exact", name, "--test-threads=2", "--"]);
    command
}

/// What follows in the arguments, if anything does.
pub fn told() -> Option<Vec<String>> {
    let told: Vec<String> = env::args()
        .skip_while(|word| word != "--")
        .skip(1)
        .collect();
    (!told.is_empty()).then_some(told)
}

pub fn wait(told: &[String]) {
    let (calls, configs) = told.split_first().unwrap();
    for config in configs {
        let mut keys = Config::new();
        keys.merge_json(config).unwrap();
        let client = Client::new(&keys).unwrap();
        let ends = |call: &Call, status: Status| {
            let error = match calls.as_str() {
                "token" => client.get_token(call).unwrap_err(),
                _ => client.get("/", call).unwrap_err(),
            };
            let ended = Instant::now();
            assert_eq!(error.status(), status, "{error}");
            ended
        };
        wait_and_end(ends);
    }
}

fn wait_and_end(ends: impl Fn(&Call, Status) -> Instant + Sync) {
    let calls: Vec<Call> = (0..EACH).map(|_| Call::new()).collect();
    thread::scope(|scope| {
        let ends = &ends;
        let begin = |call| scope.spawn(move || ends(call, Status::Cancelled));
        let cancelled: Vec<_> = calls.iter().map(begin).collect();
        say(&format!("waiting {EACH}"));
        io::stdin().read_line(&mut String::new()).unwrap();
        let timed: Vec<_> = (0..EACH)
            .map(|each| Duration::from_millis(250 + each * 50))
            .map(|timeout| {
                scope.spawn(move || {
                    let due = Instant::now() + timeout;
                    (due, ends(&Call::new().timeout(timeout), Status::Deadline))
                })
            })
            .collect();
        let cancelled_at = calls.iter().map(|call| {
            let at = Instant::now();
            call.cancel();
            at
        });
        for (due, thread) in cancelled_at.collect::<Vec<_>>().into_iter().zip(cancelled) {
            tell("cancel", due, thread.join().unwrap());
        }
        for thread in timed {
            let (due, ended) = thread.join().unwrap();
            tell("deadline", due, ended);
        }
    });
    ends(&calls[0], Status::Cancelled);
}

fn tell(way: &str, due: Instant, ended: Instant) {
    let ms = |time: Duration| time.as_secs_f64() * 1e3;
    let late = ms(ended.saturating_duration_since(due)) - ms(due.saturating_duration_since(ended));
    say(&format!("{way} {late}"));
}
