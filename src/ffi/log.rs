//! `authkeep_log`: a function of the host's, called on its own threads.

use std::ffi::{CString, c_char, c_void};

use crate::error::{Error, Result, Status};
use crate::log::LogLevel;

/// Something failed, or isn't as a server says.
pub const AUTHKEEP_LOG_WARNING: i32 = 1;
/// A token was issued or dropped, or failures were forgotten.
pub const AUTHKEEP_LOG_INFO: i32 = 2;
/// Each token request and each API request.
pub const AUTHKEEP_LOG_DEBUG: i32 = 3;

// One list of numbers for every language.
const _: () = {
    assert!(AUTHKEEP_LOG_WARNING == LogLevel::Warning as i32);
    assert!(AUTHKEEP_LOG_INFO == LogLevel::Info as i32);
    assert!(AUTHKEEP_LOG_DEBUG == LogLevel::Debug as i32);
};

/// A function that is told what happens; see authkeep_client_set_log.
///
/// level: one of the AUTHKEEP_LOG_ constants. message: one line without a
/// secret, NUL-terminated, borrowed until the function returns. context: what
/// authkeep_client_set_log was given. It must return normally: not by longjmp,
/// and not by an exception.
pub type authkeep_log =
    Option<extern "C" fn(level: i32, message: *const c_char, context: *mut c_void)>;

/// What the host wants back with each message; never looked into.
pub(super) struct Context(pub(super) *mut c_void);

// SAFETY: the pointer is only handed back; the header says that this happens on
// any thread that calls the client, and on several at once.
unsafe impl Send for Context {}
// SAFETY: as above.
unsafe impl Sync for Context {}

impl Context {
    pub(super) fn tell(
        &self,
        log: extern "C" fn(i32, *const c_char, *mut c_void),
        level: LogLevel,
        message: &CString,
    ) {
        log(level as i32, message.as_ptr(), self.0);
    }
}

pub(super) fn level(level: i32) -> Result<LogLevel> {
    match level {
        AUTHKEEP_LOG_WARNING => Ok(LogLevel::Warning),
        AUTHKEEP_LOG_INFO => Ok(LogLevel::Info),
        AUTHKEEP_LOG_DEBUG => Ok(LogLevel::Debug),
        _ => Err(Error::new(
            Status::InvalidArgument,
            "argument.range",
            "the argument level is none of the AUTHKEEP_LOG_ constants",
        )),
    }
}
