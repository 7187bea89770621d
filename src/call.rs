//! Options of one call, and its cancellation.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::error::{Error, Result, Status};
use crate::os::poll::RawSocket;
#[cfg(feature = "capi")]
use crate::os::wake::Wake;
use crate::os::wake::{Found, WakeSlot};
use crate::sync::atomic::{AtomicBool, AtomicI64, Ordering};

/// How long a wait goes on before it looks for a cancellation.
pub(crate) const SLICE: Duration = Duration::from_millis(50);

/// Options of one call: its deadline, how long a token must still be valid, and
/// its cancellation.
///
/// A clone is the same call: hand one to another thread to cancel from there.
/// One call may serve several operations, one after another or at once; its
/// timeout counts from the start of each.
///
/// ```
/// use std::time::Duration;
/// let call = authkeep::Call::new().timeout(Duration::from_secs(5));
/// let from_elsewhere = call.clone();
/// from_elsewhere.cancel();
/// assert!(call.is_cancelled());
/// ```
#[derive(Clone)]
pub struct Call(Arc<Options>);

struct Options {
    cancelled: AtomicBool,
    /// Negative: the client's default.
    timeout_ms: AtomicI64,
    min_validity_ms: AtomicI64,
    wake: WakeSlot,
}

impl Call {
    /// The client's own timeout, and any token that is valid.
    pub fn new() -> Self {
        Call(Arc::new(Options {
            cancelled: AtomicBool::new(false),
            timeout_ms: AtomicI64::new(-1),
            min_validity_ms: AtomicI64::new(0),
            wake: WakeSlot::new(),
        }))
    }

    /// Each operation ends within `timeout`, with [`Status::Deadline`] if it
    /// has no result by then.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set_timeout_ms(saturating_ms(timeout));
        self
    }

    /// Asks for a token that stays valid for at least `min_validity`. Where
    /// the server gives none that lives so long, the newest is returned;
    /// [`Token::min_validity_met`](crate::Token::min_validity_met) tells.
    pub fn min_validity(self, min_validity: Duration) -> Self {
        self.set_min_validity_ms(saturating_ms(min_validity));
        self
    }

    /// Ends every operation that uses this call, now and from now on, with
    /// [`Status::Cancelled`]. From any thread; one that waits ends within
    /// 250 ms. A token request under way goes on for the others.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Release);
    }

    /// Whether [`cancel`](Self::cancel) was called.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    pub(crate) fn set_timeout_ms(&self, timeout_ms: i64) {
        self.0.timeout_ms.store(timeout_ms, Ordering::Relaxed);
    }

    pub(crate) fn set_min_validity_ms(&self, min_validity_ms: i64) {
        self.0
            .min_validity_ms
            .store(min_validity_ms, Ordering::Relaxed);
    }

    #[cfg(feature = "capi")]
    pub(crate) fn set_wake(&self, wake: Option<Wake>) {
        self.0.wake.set(wake);
    }

    pub(crate) fn min_validity_ms(&self) -> i64 {
        self.0.min_validity_ms.load(Ordering::Relaxed)
    }

    pub(crate) fn wake_descriptor(&self) -> Option<RawSocket> {
        self.0.wake.get().map(|wake| wake.descriptor())
    }

    /// When an operation that begins now must have ended.
    pub(crate) fn deadline(&self, default: Duration) -> Instant {
        let timeout = match self.0.timeout_ms.load(Ordering::Relaxed) {
            ms @ 0.. => Duration::from_millis(ms.unsigned_abs()),
            _ => default,
        };
        let now = crate::sync::now();
        // A far deadline is as good as one that overflows.
        now.checked_add(timeout)
            .unwrap_or_else(|| now + Duration::from_secs(365 * 24 * 3600))
    }

    /// An error once the call was cancelled, by hand or by its wake descriptor.
    pub(crate) fn check(&self) -> Result<()> {
        if let Some(wake) = self.0.wake.get()
            && !self.is_cancelled()
        {
            match wake.drain() {
                Found::Nothing => {}
                Found::Cancel => self.cancel(),
                // A wait would end at once, again and again, if it went on to
                // look there.
                Found::End => self.0.wake.clear(wake),
            }
        }
        if self.is_cancelled() {
            return Err(Error::new(
                Status::Cancelled,
                "call.cancelled",
                "the call was cancelled",
            ));
        }
        Ok(())
    }
}

impl Default for Call {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Call")
            .field("cancelled", &self.is_cancelled())
            .finish_non_exhaustive()
    }
}

fn saturating_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
