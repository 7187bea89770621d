//! `authkeep_explanation`: a box.

use std::ffi::{CString, c_char};

use super::guard::infallible;
use super::ptr;
use crate::call::Call;
use crate::client::Client;

/// What a call would get now, and why.
///
/// An authkeep_explanation never changes; any number of threads may read it at
/// once. Freed by authkeep_explanation_free.
pub struct authkeep_explanation {
    json: CString,
    counters: Vec<(&'static str, i64)>,
}

impl authkeep_explanation {
    pub(super) fn of(client: &Client, call: &Call) -> Self {
        let counters = client.counters().named();
        let signed = counters.map(|(name, count)| (name, i64::try_from(count).unwrap_or(i64::MAX)));
        authkeep_explanation {
            json: ptr::c_string(&client.explain(call)),
            counters: signed.to_vec(),
        }
    }
}

/// Returns the explanation as a JSON object without secrets: borrowed until
/// authkeep_explanation_free. docs/explain.md lists its members. Never blocks.
/// NULL for NULL.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_explanation_json(
    explanation: *const authkeep_explanation,
) -> *const c_char {
    infallible(std::ptr::null(), || {
        ptr::borrow(ptr::peek(explanation).map(|explanation| &explanation.json))
    })
}

/// Returns one of its counters, such as "hits" or "token_requests": how often
/// that has happened to the client's credential in this process. Never blocks.
/// -1 for NULL, and for a name that is none.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_explanation_counter(
    explanation: *const authkeep_explanation,
    name: *const c_char,
) -> i64 {
    infallible(-1, || {
        let (Some(explanation), Ok(name)) = (ptr::peek(explanation), ptr::text(name, "name"))
        else {
            return -1;
        };
        let mut counters = explanation.counters.iter();
        let found = counters.find(|(known, _)| *known == name);
        found.map_or(-1, |(_, count)| *count)
    })
}

/// Frees an explanation. NULL is nothing. Never blocks.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_explanation_free(explanation: *mut authkeep_explanation) {
    infallible((), || drop(ptr::take_back(explanation)));
}
