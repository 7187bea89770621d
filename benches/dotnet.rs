//! What a cached token costs from C#, on .NET and on Mono, with the shipped
//! library, beside a bare P/Invoke call: `cargo bench --bench dotnet`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints its table"
)]

use std::path::Path;

use serde_json::json;

#[path = "../tests/support/mod.rs"]
mod support;
use support::dotnet::Runtime;
use support::library;
use support::server::TestServer;

const TOKEN_BYTES: usize = 1_500;

fn main() {
    let server = TestServer::start();
    server.register(json!({"client_id": "bench", "client_secret": "s",
        "token_bytes": TOKEN_BYTES, "token_life_ms": 86_400_000}));
    let config = json!({"token_endpoint": format!("{}/token", server.url),
        "client_id": "bench", "client_secret": "s"});
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/Figures.cs");
    for runtime in [Runtime::DotNet, Runtime::Mono] {
        let Some(tools) = runtime.tools() else {
            continue;
        };
        let output = tools
            .compile(std::slice::from_ref(&source))
            .command_without_library()
            .arg(config.to_string())
            .env("AUTHKEEP_LIBRARY", &library::shipped().shared)
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        println!(
            "C# on {}, one thread, a token of {TOKEN_BYTES} bytes, wall time:",
            runtime.name()
        );
        println!("{}", String::from_utf8_lossy(&output.stdout));
    }
}
