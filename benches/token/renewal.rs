//! How long a reader's gets take while another thread renews without end.
//!
//! Each get lies between two reads of the precise clock, and nothing is
//! subtracted for them. Beside it the machine's own noise: the floor, while
//! tokens are renewed that it has nothing to do with.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use authkeep::{Call, Client, Config, ManualClock};
use serde_json::json;

use super::TOKEN_BYTES;
use super::c_library::{CLibrary, Client_};
use super::floor::{self, clock_ns, floor};
use super::support::server::TestServer;

const READING: Duration = Duration::from_secs(8);
/// Gets that take longer are counted as this long; the longest is kept apart.
const LONGEST_NS: usize = 1 << 20;

const LIFE_MS: i64 = 3_600_000;
/// Past the moment of renewal, and before the token is no longer handed out.
const NEARLY_OVER_MS: i64 = LIFE_MS - 200_000;

/// So many that renewals go on all the time, by a server that takes its time, but
/// less than is left of a token that is due.
const SHORT_LIVED: usize = 16;
const SHORT_LIFE_MS: i64 = 2_000;
const ANSWER_MS: u64 = 100;

/// Prints a line for each reader; returns the p99.9 of the one in C.
pub fn measure(server: &TestServer, c: &CLibrary) -> usize {
    println!("\nns of a reader's get while another thread renews, with two precise clock reads");
    println!(
        "{:<40} {:>7} {:>7} {:>7} {:>10} {:>9}",
        "", "p50", "p99", "p99.9", "longest", "renewals"
    );
    let source = floor::token();
    let mut buffer = Vec::new();
    let renewed = Renewed::new(server);
    renewed.reading("floor; what is renewed is another's", server, || {
        floor(&source, &mut buffer);
    });
    let call = Call::new();
    renewed.reading("Rust get_token + drop", server, || {
        black_box(renewed.client.get_token(&call).unwrap());
    });
    short_lived(server, c)
}

/// A client whose clock another thread moves on as soon as it has renewed.
struct Renewed {
    clock: Arc<ManualClock>,
    client: Client,
}

impl Renewed {
    const ID: &'static str = "renewed";

    fn new(server: &TestServer) -> Self {
        let mut config = Config::new();
        let json = register(server, Self::ID, LIFE_MS);
        config.merge_json(&json).unwrap();
        let clock = Arc::new(ManualClock::new(1_700_000_000_000));
        let client = Client::with_clock(&config, clock.clone()).unwrap();
        Renewed { clock, client }
    }

    fn reading(&self, name: &str, server: &TestServer, get: impl FnMut()) {
        let requests = || requests(server, Self::ID);
        during(name, requests, || self.renew(), get);
    }

    fn renew(&self) {
        let token = || self.client.get_token(&Call::new()).unwrap();
        let old = token();
        self.clock.advance(NEARLY_OVER_MS);
        while token().access_token() == old.access_token() {
            thread::yield_now();
        }
    }
}

fn short_lived(server: &TestServer, c: &CLibrary) -> usize {
    let id = |number: usize| format!("short-{number}");
    let clients: Vec<Client_> = (0..SHORT_LIVED)
        .map(|number| {
            let client = c.client(&register(server, &id(number), SHORT_LIFE_MS));
            server.switch(json!({"client_id": id(number), "delay_ms": ANSWER_MS}));
            client
        })
        .collect();
    let requests = || {
        let numbers = 0..SHORT_LIVED;
        numbers.map(|number| requests(server, &id(number))).sum()
    };
    let all = || clients.iter().for_each(|client| c.get_and_free(*client));
    all();
    let mut turns = clients.iter().cycle();
    let name = "C get_token + token_free, 16 tokens of 2 s";
    let slowest = during(name, requests, all, || {
        c.get_and_free(*turns.next().unwrap());
    });
    clients.into_iter().for_each(|client| c.free(client));
    slowest
}

/// Prints how long `get` takes while another thread renews; returns the p99.9.
fn during(
    name: &str,
    requests: impl Fn() -> u64,
    renew: impl Fn() + Sync,
    mut get: impl FnMut(),
) -> usize {
    let over = AtomicBool::new(false);
    let mut taken = Taken::default();
    let before = requests();
    thread::scope(|scope| {
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                renew();
            }
        });
        let until = Instant::now() + READING;
        while Instant::now() < until {
            for _ in 0..1_000 {
                let begun = clock_ns(libc::CLOCK_MONOTONIC);
                get();
                taken.add(clock_ns(libc::CLOCK_MONOTONIC) - begun);
            }
        }
        over.store(true, Ordering::Relaxed);
    });
    let renewals = requests() - before;
    let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| taken.quantile(share));
    let longest = taken.longest_ns;
    println!("{name:<40} {p50:>7} {p99:>7} {p999:>7} {longest:>10} {renewals:>9}");
    p999
}

/// How often a get took how many nanoseconds.
struct Taken {
    counts: Vec<u32>,
    gets: u64,
    longest_ns: i64,
}

impl Default for Taken {
    fn default() -> Self {
        Taken {
            counts: vec![0; LONGEST_NS + 1],
            gets: 0,
            longest_ns: 0,
        }
    }
}

impl Taken {
    fn add(&mut self, ns: i64) {
        let bounded = usize::try_from(ns).unwrap_or_default().min(LONGEST_NS);
        self.counts[bounded] += 1;
        self.gets += 1;
        self.longest_ns = self.longest_ns.max(ns);
    }

    fn quantile(&self, share: f64) -> usize {
        let mut left = (self.gets as f64 * share) as u64;
        let reached = self.counts.iter().position(|count| {
            let count = u64::from(*count);
            let here = left < count;
            left = left.saturating_sub(count);
            here
        });
        reached.unwrap_or(LONGEST_NS)
    }
}

fn register(server: &TestServer, id: &str, life_ms: i64) -> String {
    server.register(json!({"client_id": id, "client_secret": "s",
        "token_bytes": TOKEN_BYTES, "token_life_ms": life_ms}));
    json!({"token_endpoint": format!("{}/token", server.url),
        "client_id": id, "client_secret": "s"})
    .to_string()
}

fn requests(server: &TestServer, id: &str) -> u64 {
    let stats = server.client_stats(id);
    stats["token_requests"].as_u64().unwrap_or_default()
}
