//! What a cached token costs: CPU nanoseconds per get on 1, 2 and 8 threads,
//! in each language, and how long a reader waits while another thread renews.
//! Beside it the floor, which is a copy of a token of 1.5 KB and two reads of a
//! coarse clock, and the usual locks around the same work.
//!
//! `cargo bench --bench token`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints its table"
)]

use std::hint::black_box;

use authkeep::{Call, Client, Config};
use serde_json::json;

#[path = "../../tests/support/mod.rs"]
mod support;
use support::library;
use support::server::TestServer;

mod c_library;
mod floor;
mod languages;
mod renewal;
mod rounds;

use c_library::CLibrary;
use floor::{Locks, floor};
use rounds::{Figures, Row, measure};

const TOKEN_BYTES: usize = 1_500;

fn main() {
    let server = TestServer::start();
    server.register(json!({"client_id": "bench", "client_secret": "s",
        "token_bytes": TOKEN_BYTES, "token_life_ms": 86_400_000}));
    let config = json!({"token_endpoint": format!("{}/token", server.url),
        "client_id": "bench", "client_secret": "s"})
    .to_string();
    let shared = &library::shipped().shared;
    let c = CLibrary::load(shared);

    let [floor, _, _, handle, copy, _] = processors(&config, &c);
    languages::python(&config, shared);
    languages::dotnet(&config, shared);
    let slowest_ns = renewal::measure(&server, &c);

    println!("\nTargets through the C ABI");
    verdict("get + free, 1 thread", handle.median(0), 40.0, " ns");
    for (what, ratio) in [
        ("copy : floor, 1 thread", copy.ratio(0, &floor, 0)),
        ("get + free, 8 threads : 1", handle.ratio(2, &handle, 0)),
        ("copy, 8 threads : 1", copy.ratio(2, &copy, 0)),
    ] {
        verdict(what, ratio, 1.2, "");
    }
    let what = "a reader's p99.9 during renewals";
    verdict(what, slowest_ns as f64 / 1000.0, 5.0, " µs");
}

/// The rows of this process, which take turns.
fn processors(config: &str, c: &CLibrary) -> [Figures; 6] {
    let mut rust = Config::new();
    rust.merge_json(config).unwrap();
    let rust = Client::new(&rust).unwrap();
    let call = Call::new();
    let client = c.client(config);
    let locks = Locks::new();
    let source = floor::token();
    let rows: [Row; 6] = [
        ("floor: copy + 2 coarse clocks", &|buffer| {
            floor(&source, buffer)
        }),
        ("Mutex<token>: the same", &|buffer| locks.copy(buffer)),
        ("RwLock<Arc<token>>: clone + drop", &|_| locks.share()),
        ("C get_token + token_free", &|_| c.get_and_free(client)),
        ("C copy_token", &|buffer| c.copy(client, buffer)),
        ("Rust get_token + drop", &|_| {
            black_box(rust.get_token(&call).unwrap());
        }),
    ];
    let figures = measure(&rows);
    println!("CPU ns per get, and as a multiple of the floor in the same round; medians");
    rounds::head();
    for ((name, _), row) in rows.iter().zip(&figures) {
        row.print(name, &figures[0]);
    }
    c.free(client);
    figures
}

fn verdict(what: &str, figure: f64, most: f64, unit: &str) {
    let is = if figure <= most { "met" } else { "NOT met" };
    println!("{what:<40} {figure:>7.2}{unit}, at most {most}{unit}: {is}");
}
