//! What is logged while something is done.

use std::io;
use std::sync::{Arc, Mutex, Once};

use tracing::span;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::fmt::MakeWriter;

/// What comes of it, and what this thread logged meanwhile, at any level.
pub fn logged<T>(done: impl FnOnce() -> T) -> (T, String) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let outcome = logged_by(subscriber, done);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    (outcome, log)
}

/// What comes of it, while a subscriber of the test's own hears what this thread logs.
///
/// `tracing` keeps for every place that logs whether anybody wants to hear it, and a test without
/// a subscriber that passes there at the same moment makes that "nobody". So everybody else gets
/// one that says neither yes nor no.
pub fn logged_by<T>(subscriber: impl Subscriber + Send + Sync, done: impl FnOnce() -> T) -> T {
    static UNDECIDED: Once = Once::new();
    UNDECIDED.call_once(|| tracing::subscriber::set_global_default(Undecided).unwrap());
    tracing::subscriber::with_default(subscriber, done)
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Hears nothing, and has to be asked every time.
struct Undecided;

impl Subscriber for Undecided {
    fn register_callsite(&self, _: &'static Metadata<'static>) -> Interest {
        Interest::sometimes()
    }

    fn enabled(&self, _: &Metadata<'_>) -> bool {
        false
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, _: &Event<'_>) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}
