//! What a cached token costs: CPU nanoseconds per call on 1, 2 and 8 threads,
//! through the C ABI of the shipped library and in Rust, beside the floor: a
//! copy of a token of 1.5 KB and two reads of a coarse clock.
//!
//! `cargo bench --bench token`
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may panic, and prints its table"
)]

use std::ffi::{CString, c_char, c_void};
use std::hint::black_box;
use std::mem::transmute;
use std::sync::Barrier;
use std::thread;

use authkeep::{Call, Client, Config};
use serde_json::json;

#[path = "../tests/support/mod.rs"]
mod support;
use support::library;
use support::server::TestServer;

const TOKEN_BYTES: usize = 1_500;
const CALLS: usize = 400_000;
const ROUNDS: usize = 7;
const THREADS: [usize; 3] = [1, 2, 8];

/// What one thread does again and again, with a buffer of its own.
type Body<'a> = &'a (dyn Fn(&mut Vec<u8>) + Sync);

fn main() {
    let server = TestServer::start();
    server.register(json!({"client_id": "bench", "client_secret": "s",
        "token_bytes": TOKEN_BYTES, "token_life_ms": 86_400_000}));
    let config = json!({"token_endpoint": format!("{}/token", server.url),
        "client_id": "bench", "client_secret": "s"});
    let mut rust = Config::new();
    rust.merge_json(&config.to_string()).unwrap();
    let rust = Client::new(&rust).unwrap();
    let call = Call::new();
    let c = CLibrary::load();
    let client = c.client(&config.to_string());

    let floor = |round: &mut Vec<u8>| {
        let source = [b'x'; TOKEN_BYTES];
        round.resize(TOKEN_BYTES, 0);
        round.copy_from_slice(black_box(&source));
        black_box((
            coarse(libc::CLOCK_REALTIME_COARSE),
            coarse(libc::CLOCK_MONOTONIC_COARSE),
        ));
    };
    let rows: [(&str, Body); 4] = [
        ("floor: copy 1.5 KB + 2 coarse clocks", &floor),
        ("C get_token + token_free", &|_| c.get_and_free(client)),
        ("C copy_token", &|buffer| c.copy(client, buffer)),
        ("Rust get_token + drop", &|_| {
            black_box(rust.get_token(&call).unwrap());
        }),
    ];
    println!("CPU ns per call (median of {ROUNDS} rounds), and as a multiple of the floor");
    println!(
        "{:<38} {:>14} {:>14} {:>14}",
        "", "1 thread", "2 threads", "8 threads"
    );
    let mut floors = [0.0; 3];
    for (index, (name, body)) in rows.iter().enumerate() {
        print!("{name:<38}");
        for (column, threads) in THREADS.into_iter().enumerate() {
            let nanoseconds = median(threads, body);
            if index == 0 {
                floors[column] = nanoseconds;
            }
            print!(" {nanoseconds:>7.1} {:>5.2}x", nanoseconds / floors[column]);
        }
        println!();
    }
    c.free(client);
}

/// CPU time of the whole process, so that what others do to a thread counts.
fn median(threads: usize, body: Body) -> f64 {
    let mut rounds: Vec<f64> = (0..ROUNDS).map(|_| round(threads, body)).collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn round(threads: usize, body: Body) -> f64 {
    let ready = Barrier::new(threads + 1);
    let done = Barrier::new(threads + 1);
    let calls = CALLS / threads;
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let mut buffer = Vec::new();
                body(&mut buffer);
                ready.wait();
                for _ in 0..calls {
                    body(&mut buffer);
                }
                done.wait();
            });
        }
        ready.wait();
        let begun = coarse(libc::CLOCK_PROCESS_CPUTIME_ID);
        done.wait();
        let spent = coarse(libc::CLOCK_PROCESS_CPUTIME_ID) - begun;
        spent as f64 / (calls * threads) as f64
    })
}

fn coarse(clock: libc::clockid_t) -> i64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is writable for the length of the call.
    unsafe { libc::clock_gettime(clock, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

type Handle = *mut c_void;

/// The functions of the shipped library that are measured.
struct CLibrary {
    library: Handle,
    get_token: GetToken,
    token_free: TokenFree,
    copy_token: CopyToken,
}

type GetToken = extern "C" fn(Client_, Handle, *mut Handle, *mut Handle) -> i32;
type TokenFree = extern "C" fn(Handle);
type CopyToken = extern "C" fn(Client_, Handle, *mut c_char, usize, *mut usize, *mut Handle) -> i32;

/// A pointer that threads may share.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Client_(Handle);

// SAFETY: the header says that any number of threads may use a client.
unsafe impl Send for Client_ {}
// SAFETY: as above.
unsafe impl Sync for Client_ {}
// SAFETY: nothing but function pointers and the library that they are in.
unsafe impl Sync for CLibrary {}

impl CLibrary {
    fn load() -> Self {
        let path = library::shipped().shared.display().to_string();
        let path = CString::new(path).unwrap();
        // SAFETY: the path is a NUL-terminated string.
        let library = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW) };
        assert!(!library.is_null(), "the library can't be loaded");
        // SAFETY: the types are those of include/authkeep.h.
        unsafe {
            CLibrary {
                library,
                get_token: transmute::<Handle, GetToken>(symbol(
                    library,
                    c"authkeep_client_get_token",
                )),
                token_free: transmute::<Handle, TokenFree>(symbol(library, c"authkeep_token_free")),
                copy_token: transmute::<Handle, CopyToken>(symbol(
                    library,
                    c"authkeep_client_copy_token",
                )),
            }
        }
    }

    fn client(&self, json: &str) -> Client_ {
        let json = CString::new(json).unwrap();
        let mut client = std::ptr::null_mut();
        let none = std::ptr::null_mut();
        // SAFETY: the types are those of include/authkeep.h.
        unsafe {
            let new: extern "C" fn() -> Handle =
                transmute(symbol(self.library, c"authkeep_config_new"));
            let merge: extern "C" fn(Handle, *const c_char, *mut Handle) -> i32 =
                transmute(symbol(self.library, c"authkeep_config_merge_json"));
            let make: extern "C" fn(Handle, *mut Handle, *mut Handle) -> i32 =
                transmute(symbol(self.library, c"authkeep_client_new"));
            let config = new();
            assert_eq!(merge(config, json.as_ptr(), none), 0);
            assert_eq!(make(config, &mut client, none), 0);
        }
        Client_(client)
    }

    #[inline]
    fn get_and_free(&self, client: Client_) {
        let mut token = std::ptr::null_mut();
        let none = std::ptr::null_mut();
        assert_eq!((self.get_token)(client, none, &mut token, none.cast()), 0);
        (self.token_free)(black_box(token));
    }

    #[inline]
    fn copy(&self, client: Client_, buffer: &mut Vec<u8>) {
        buffer.resize(TOKEN_BYTES + 500, 0);
        let mut length = 0;
        let none = std::ptr::null_mut();
        let to = buffer.as_mut_ptr().cast();
        let status = (self.copy_token)(client, none, to, buffer.len(), &mut length, none.cast());
        assert_eq!((status, black_box(length)), (0, TOKEN_BYTES));
    }

    fn free(&self, client: Client_) {
        // SAFETY: the type is that of include/authkeep.h.
        let free: extern "C" fn(Client_) =
            unsafe { transmute(symbol(self.library, c"authkeep_client_free")) };
        free(client);
    }
}

fn symbol(library: Handle, name: &std::ffi::CStr) -> Handle {
    // SAFETY: a handle of dlopen and a NUL-terminated name.
    let symbol = unsafe { libc::dlsym(library, name.as_ptr()) };
    assert!(!symbol.is_null(), "{name:?} is missing");
    symbol
}
