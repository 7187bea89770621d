//! The systems that the library knows by name: no handle, since the list never
//! changes.

use std::ffi::{CString, c_char};

use super::guard::infallible;
use super::ptr;
use crate::os::fork::Once;
use crate::provider::{Need, Provider};

struct Known {
    name: CString,
    title: CString,
    about: CString,
    needs: Vec<KnownNeed>,
}

struct KnownNeed {
    key: CString,
    grant: Option<CString>,
    place: CString,
}

impl Known {
    fn all() -> &'static [Known] {
        static ALL: Once<Vec<Known>> = Once::new();
        ALL.get_or_make(|| Provider::all().iter().map(Known::of).collect())
    }

    fn of(provider: &Provider) -> Self {
        Known {
            name: ptr::c_string(provider.name()),
            title: ptr::c_string(provider.title()),
            about: ptr::c_string(provider.about()),
            needs: provider.needs().iter().map(KnownNeed::of).collect(),
        }
    }
}

impl KnownNeed {
    fn of(need: &Need) -> Self {
        KnownNeed {
            key: ptr::c_string(need.key()),
            grant: need.grant().map(ptr::c_string),
            place: ptr::c_string(need.place()),
        }
    }
}

fn text(provider: usize, of: fn(&Known) -> &CString) -> *const c_char {
    infallible(std::ptr::null(), || {
        ptr::borrow(Known::all().get(provider).map(of))
    })
}

fn text_of_need(
    provider: usize,
    need: usize,
    of: fn(&KnownNeed) -> Option<&CString>,
) -> *const c_char {
    infallible(std::ptr::null(), || {
        let known = Known::all().get(provider);
        ptr::borrow(known.and_then(|known| known.needs.get(need)).and_then(of))
    })
}

/// Returns the number of systems that the library knows by name; the key
/// "provider" takes one. Never blocks; any thread.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_provider_count() -> usize {
    infallible(0, || Known::all().len())
}

/// Returns the name of a provider, such as "shopware", in the order of the
/// names, or NULL past the last. Never blocks; any thread. The string lives as
/// long as the library.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_provider_name(provider: usize) -> *const c_char {
    text(provider, |known| &known.name)
}

/// Returns what its vendor calls a provider, or NULL past the last. Never
/// blocks; any thread. The string lives as long as the library.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_provider_title(provider: usize) -> *const c_char {
    text(provider, |known| &known.title)
}

/// Returns a sentence on what is special about a provider, which may be empty,
/// or NULL past the last. Never blocks; any thread. The string lives as long as
/// the library.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_provider_about(provider: usize) -> *const c_char {
    text(provider, |known| &known.about)
}

/// Returns the number of configuration keys that a user of a provider must
/// give, and 0 past the last provider. Never blocks; any thread.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_provider_need_count(provider: usize) -> usize {
    infallible(0, || {
        let known = Known::all().get(provider);
        known.map_or(0, |known| known.needs.len())
    })
}

/// Returns a key that a user must give, such as "client_id", or NULL past the
/// last. Never blocks; any thread. The string lives as long as the library.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_provider_need_key(provider: usize, need: usize) -> *const c_char {
    text_of_need(provider, need, |need| Some(&need.key))
}

/// Returns the grant that needs the key, such as "password", or NULL if every
/// grant does, and past the last. Never blocks; any thread. The string lives as
/// long as the library.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_provider_need_grant(provider: usize, need: usize) -> *const c_char {
    text_of_need(provider, need, |need| need.grant.as_ref())
}

/// Returns where the value of the key is found, in the words of the vendor's
/// console, or NULL past the last. Never blocks; any thread. The string lives
/// as long as the library.
#[unsafe(no_mangle)]
pub extern "C" fn authkeep_provider_need_place(provider: usize, need: usize) -> *const c_char {
    text_of_need(provider, need, |need| Some(&need.place))
}
