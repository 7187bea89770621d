//! What stands for the standard library in a model: every lock, wait and atomic
//! is a point at which the scheduler may let another thread run.
//!
//! Time passes only in [`pass`] and in waits that end by themselves; all that is
//! random comes from the schedule. So a schedule can be run again.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{OnceLock, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use shuttle::rand::{RngCore, thread_rng};
use shuttle::sync;

pub(crate) use shuttle::sync::atomic;
pub(crate) use shuttle::{thread, thread_local};

#[derive(Default)]
pub(crate) struct Mutex<T>(sync::Mutex<T>);

pub(crate) struct MutexGuard<'a, T> {
    of: &'a Mutex<T>,
    held: sync::MutexGuard<'a, T>,
}

impl<T> Mutex<T> {
    pub(crate) const fn new(value: T) -> Self {
        Mutex(sync::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, T> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        MutexGuard { of: self, held }
    }

    pub(crate) fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        let held = match self.0.try_lock() {
            Ok(held) => held,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(MutexGuard { of: self, held })
    }
}

impl<T> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.held
    }
}

impl<T> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.held
    }
}

#[derive(Default)]
pub(crate) struct Condvar(sync::Condvar);

impl Condvar {
    pub(crate) const fn new() -> Self {
        Condvar(sync::Condvar::new())
    }

    /// Waits until it is woken, so that a lost wake-up is a deadlock; or, where
    /// [`let_waits_end`] allows it, for the whole timeout, by the toss of a coin.
    pub(crate) fn wait_for<'a, T>(
        &self,
        guard: MutexGuard<'a, T>,
        timeout: Duration,
    ) -> MutexGuard<'a, T> {
        let MutexGuard { of, held } = guard;
        if EXECUTION.waits_end.load(Relaxed) && random() >> 63 == 0 {
            drop(held);
            pass(timeout);
            thread::yield_now();
            return of.lock();
        }
        let held = self.0.wait(held).unwrap_or_else(PoisonError::into_inner);
        MutexGuard { of, held }
    }

    pub(crate) fn notify_one(&self) {
        self.0.notify_one();
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// What one run of a model knows of time. Not the model's own atomics: nobody
/// is to be scheduled because of them.
#[derive(Default)]
struct Execution {
    passed_ms: std::sync::atomic::AtomicU64,
    waits_end: std::sync::atomic::AtomicBool,
}

shuttle::lazy_static! {
    static ref EXECUTION: Execution = Execution::default();
}

pub(crate) fn now() -> Instant {
    static BEGUN: OnceLock<Instant> = OnceLock::new();
    let passed = Duration::from_millis(EXECUTION.passed_ms.load(Relaxed));
    *BEGUN.get_or_init(Instant::now) + passed
}

/// Lets time pass.
pub(crate) fn pass(time: Duration) {
    let ms = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    EXECUTION.passed_ms.fetch_add(ms, Relaxed);
}

/// From here on a timed wait may end by itself.
pub(crate) fn let_waits_end() {
    EXECUTION.waits_end.store(true, Relaxed);
}

/// The number of this thread in this run of the model.
pub(crate) fn number() -> usize {
    shuttle::current::me().into()
}

pub(crate) fn random() -> u64 {
    thread_rng().next_u64()
}
