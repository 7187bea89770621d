//! The wire format of RFC 6749: token requests out, token answers in. Pure
//! functions; who sends them, and when, is decided elsewhere.

pub(crate) mod answer;
pub(crate) mod ended;
pub(crate) mod refusal;
pub(crate) mod request;
