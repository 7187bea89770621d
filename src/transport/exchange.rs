//! What the parts below ureq know of the request that they serve.
//!
//! ureq's traits carry neither a cancellation nor a reason for a failure, and
//! its own timeouts start a thread for every request. So the thread that runs a
//! request puts an [`Exchange`] in place for its length: resolver, connector
//! and transport wait by its deadline, and leave in it what went wrong.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use crate::call::{Call, SLICE};
use crate::error::{Error, Status};
use crate::os::poll::{self, AsSocket, Interest};

/// One HTTP request on its way.
pub(crate) struct Exchange {
    pub(crate) call: Call,
    pub(crate) deadline: Instant,
    pub(crate) connect_timeout: Duration,
    /// Set while a connection is made, its TLS handshake included.
    pub(crate) connect_by: Cell<Option<Instant>>,
    /// For messages: the origin of the URL.
    pub(crate) origin: String,
    /// Plain http: only a peer on this machine may be connected to.
    pub(crate) loopback_only: bool,
    /// A connection was made, as opposed to taken from the pool.
    pub(crate) connected: Cell<bool>,
    /// A byte of the request may have reached the server.
    pub(crate) sent: Cell<bool>,
    /// A byte of the answer has arrived.
    pub(crate) received: Cell<bool>,
    failure: RefCell<Option<Error>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Rc<Exchange>>> = const { RefCell::new(None) };
}

impl Exchange {
    pub(crate) fn new(
        call: &Call,
        deadline: Instant,
        connect_timeout: Duration,
        origin: String,
        loopback_only: bool,
    ) -> Self {
        Exchange {
            call: call.clone(),
            deadline,
            connect_timeout,
            connect_by: Cell::new(None),
            origin,
            loopback_only,
            connected: Cell::new(false),
            sent: Cell::new(false),
            received: Cell::new(false),
            failure: RefCell::new(None),
        }
    }

    /// Runs `body` with this exchange in place.
    pub(crate) fn run<T>(self: &Rc<Self>, body: impl FnOnce() -> T) -> T {
        struct Restore(Option<Rc<Exchange>>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.with(|current| *current.borrow_mut() = self.0.take());
            }
        }
        let before = CURRENT.with(|current| current.borrow_mut().replace(self.clone()));
        let _restore = Restore(before);
        body()
    }

    /// The exchange that this thread serves.
    pub(crate) fn current() -> io::Result<Rc<Exchange>> {
        CURRENT
            .with(|current| current.borrow().clone())
            .ok_or_else(|| io::Error::other("no exchange is under way on this thread"))
    }

    /// Keeps `error` as the reason and makes an I/O error to unwind ureq with.
    pub(crate) fn fail(&self, error: Error) -> io::Error {
        self.failure.borrow_mut().get_or_insert(error);
        io::Error::other("see the exchange")
    }

    pub(crate) fn take_failure(&self) -> Option<Error> {
        self.failure.borrow_mut().take()
    }

    /// Waits until `socket` is ready; fails as [`check`](Self::check) does.
    pub(crate) fn wait(&self, socket: &impl AsSocket, interest: Interest) -> io::Result<()> {
        let until = self.connect_by.get().unwrap_or(self.deadline);
        while !self.wait_slice(socket, interest, until)? {
            self.check()?;
        }
        Ok(())
    }

    /// Fails once the time is over or the call cancelled; for work that a fast
    /// peer could keep busy without a wait.
    pub(crate) fn check(&self) -> io::Result<()> {
        self.slice(self.deadline)?;
        match self.connect_by.get() {
            Some(until) if Instant::now() >= until => Err(io::ErrorKind::TimedOut.into()),
            _ => Ok(()),
        }
    }

    /// Waits for one slice, at most until `until`.
    pub(crate) fn wait_slice(
        &self,
        socket: &impl AsSocket,
        interest: Interest,
        until: Instant,
    ) -> io::Result<bool> {
        let slice = self.slice(until)?;
        poll::wait(socket, interest, self.call.wake_descriptor(), slice)
    }

    /// How long one slice of waiting may be; an error when there is none left.
    pub(crate) fn slice(&self, until: Instant) -> io::Result<Duration> {
        self.call.check().map_err(|error| self.fail(error))?;
        let now = Instant::now();
        if now >= self.deadline {
            return Err(self.fail(deadline_passed(&self.origin)));
        }
        Ok(until
            .min(self.deadline)
            .saturating_duration_since(now)
            .min(SLICE))
    }
}

fn deadline_passed(origin: &str) -> Error {
    Error::new(
        Status::Deadline,
        "call.deadline",
        format!("{origin} did not answer before the deadline; raise the timeout or try later"),
    )
}
