//! What happened, for a host that wants to know.
//!
//! Nothing is told on a thread of ours, nor under a lock: what happens is noted
//! in the journal of its credential, and a call on a client with a listener ends
//! by telling it what is new there.

use std::cell::Cell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

use crate::os::fork::Local;
use crate::sync::Mutex;

/// Notes that nobody has asked for in time are dropped, the oldest first.
const MOST_NOTES: usize = 128;
const SILENT: i32 = 0;

/// How much a message matters; the numbers are those of the C ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum LogLevel {
    /// Something failed, or isn't as a server says.
    Warning = 1,
    /// A token was issued or dropped, or failures were forgotten.
    Info = 2,
    /// Each token request and each API request.
    Debug = 3,
}

/// What is told: a level and one line without a secret.
type Tell = dyn Fn(LogLevel, &str) + Send + Sync;

/// What happened to one credential, the latest last.
#[derive(Default)]
pub(crate) struct Journal {
    /// The number of the latest note, to be looked at without the lock.
    last: AtomicU64,
    notes: Mutex<VecDeque<Note>>,
}

#[derive(Clone)]
struct Note {
    number: u64,
    level: LogLevel,
    text: String,
}

impl Journal {
    /// `text` is one line, without a full stop, without a secret.
    pub(crate) fn note(&self, level: LogLevel, text: String) {
        // One count for all journals, so that a number seen in one is never that
        // of an older note in another.
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let mut notes = self.notes.lock();
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        if notes.len() == MOST_NOTES {
            notes.pop_front();
        }
        notes.push_back(Note {
            number,
            level,
            text,
        });
        self.last.store(number, Ordering::Release);
    }

    fn last(&self) -> u64 {
        self.last.load(Ordering::Acquire)
    }

    fn since(&self, seen: u64) -> Vec<Note> {
        let notes = self.notes.lock();
        let new = notes.iter().filter(|note| note.number > seen);
        new.cloned().collect()
    }
}

/// Where one client's messages go.
#[derive(Default)]
pub(crate) struct Log {
    /// That of the listener, to be looked at without the lock.
    level: AtomicI32,
    /// The number of the last note that the listener was told; changed under the
    /// lock, and looked at without.
    seen: AtomicU64,
    listener: Local<Mutex<Option<Arc<Tell>>>>,
}

thread_local! {
    /// What a listener itself does is not told to it.
    static TELLING: Cell<bool> = const { Cell::new(false) };
}

impl Log {
    /// A forked child goes on with its parent's, unless that was being changed.
    fn listener(&self) -> &Mutex<Option<Arc<Tell>>> {
        self.listener.get(|inherited| {
            let before = inherited.and_then(Mutex::try_lock);
            Mutex::new(before.and_then(|listener| listener.clone()))
        })
    }

    /// Tells `listener` from now on what is not beyond `level`.
    pub(crate) fn listen(&self, level: LogLevel, tell: Arc<Tell>, journal: &Journal) {
        let mut listener = self.listener().lock();
        self.seen.store(journal.last(), Ordering::Relaxed);
        let before = listener.replace(tell);
        drop(listener);
        self.level.store(level as i32, Ordering::Release);
        // Dropped outside the lock: it is foreign code.
        drop(before);
    }

    pub(crate) fn silence(&self) {
        self.level.store(SILENT, Ordering::Release);
        let before = self.listener().lock().take();
        drop(before);
    }

    /// Tells what the journal has that was not told.
    #[inline]
    pub(crate) fn catch_up(&self, journal: &Journal) {
        let is_heard = self.level.load(Ordering::Relaxed) != SILENT;
        if is_heard && journal.last() > self.seen.load(Ordering::Relaxed) {
            self.tell_new(journal);
        }
    }

    #[cold]
    fn tell_new(&self, journal: &Journal) {
        let (tell, notes) = {
            let listener = self.listener().lock();
            let Some(tell) = &*listener else {
                return;
            };
            if TELLING.get() {
                return;
            }
            let notes = journal.since(self.seen.load(Ordering::Relaxed));
            if let Some(last) = notes.last() {
                self.seen.store(last.number, Ordering::Relaxed);
            }
            (tell.clone(), notes)
        };
        let level = self.level.load(Ordering::Acquire);
        for note in notes.iter().filter(|note| note.level as i32 <= level) {
            told(&tell, note.level, &note.text);
        }
    }

    /// Tells what concerns this call alone; `text` is made only if it is wanted.
    pub(crate) fn tell(&self, level: LogLevel, text: impl FnOnce() -> String) {
        if (level as i32) > self.level.load(Ordering::Acquire) || TELLING.get() {
            return;
        }
        let Some(tell) = self.listener().lock().clone() else {
            return;
        };
        told(&tell, level, &text());
    }
}

fn told(tell: &Arc<Tell>, level: LogLevel, text: &str) {
    struct Over;
    impl Drop for Over {
        fn drop(&mut self) {
            TELLING.set(false);
        }
    }
    TELLING.set(true);
    let _over = Over;
    tell(level, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listener() -> (Arc<Mutex<Vec<String>>>, Arc<Tell>) {
        let told = Arc::new(Mutex::new(Vec::new()));
        let to = told.clone();
        let tell = move |level: LogLevel, text: &str| {
            to.lock().push(format!("{level:?}: {text}"));
        };
        (told, Arc::new(tell))
    }

    #[test]
    fn a_listener_is_told_once_what_is_new_and_matters_to_it() {
        let (journal, log) = (Journal::default(), Log::default());
        journal.note(LogLevel::Info, "before".into());
        let (told, tell) = listener();
        log.listen(LogLevel::Info, tell, &journal);
        journal.note(LogLevel::Info, "first".into());
        journal.note(LogLevel::Debug, "detail".into());
        journal.note(LogLevel::Warning, "second".into());
        log.catch_up(&journal);
        log.catch_up(&journal);
        assert_eq!(*told.lock(), ["Info: first", "Warning: second"]);
        log.silence();
        journal.note(LogLevel::Warning, "third".into());
        log.catch_up(&journal);
        assert_eq!(told.lock().len(), 2);
    }

    #[test]
    fn nobody_is_told_everything_that_happened_while_nobody_listened() {
        let (journal, log) = (Journal::default(), Log::default());
        let (told, tell) = listener();
        log.listen(LogLevel::Debug, tell, &journal);
        for number in 0..1_000 {
            journal.note(LogLevel::Debug, number.to_string());
        }
        log.catch_up(&journal);
        assert_eq!(told.lock().len(), MOST_NOTES);
        assert_eq!(told.lock().last().unwrap(), "Debug: 999");
    }

    #[test]
    fn what_a_listener_does_is_not_told_to_it() {
        let journal = Arc::new(Journal::default());
        let log = Arc::new(Log::default());
        let count = Arc::new(AtomicU64::new(0));
        let tell = {
            let (journal, log, count) = (journal.clone(), log.clone(), count.clone());
            move |_: LogLevel, _: &str| {
                count.fetch_add(1, Ordering::SeqCst);
                journal.note(LogLevel::Info, "by the listener".into());
                log.catch_up(&journal);
                log.tell(LogLevel::Info, || "by the listener".into());
            }
        };
        log.listen(LogLevel::Debug, Arc::new(tell), &journal);
        journal.note(LogLevel::Info, "first".into());
        log.catch_up(&journal);
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_text_is_made_only_for_who_wants_it() {
        let (journal, log) = (Journal::default(), Log::default());
        log.tell(LogLevel::Warning, || unreachable!());
        let (told, tell) = listener();
        log.listen(LogLevel::Info, tell, &journal);
        log.tell(LogLevel::Debug, || unreachable!());
        log.tell(LogLevel::Info, || "wanted".into());
        assert_eq!(*told.lock(), ["Info: wanted"]);
    }
}
