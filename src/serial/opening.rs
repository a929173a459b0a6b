//! A port that is being opened ([`Opening`]), and one that is closed, by a thread of its own.

use std::fmt;
use std::io;
use std::os::fd::AsFd;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serialport::{ClearBuffer, SerialPort};

use crate::error::Error;
use crate::log::debug;

/// What a thread of its own opens. An adapter that hangs keeps whoever opens or closes its port for
/// 30 to 60 s: neither an executor nor a caller with a limit of its own may be that one.
///
/// Dropped, it is opened all the same, and closed again at once by the same thread.
pub(crate) struct Opening<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    done: Condvar,
}

struct State<T> {
    outcome: Option<Result<T, Error>>,
    waker: Option<Waker>,
}

/// The thread's side. If it says nothing, the thread has panicked.
struct Work<T>(Arc<Shared<T>>);

impl<T: Send + 'static> Opening<T> {
    /// Has a thread open it.
    ///
    /// # Errors
    /// If the system has no thread left.
    pub(crate) fn begin(
        open: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<Self, Error> {
        let state = Mutex::new(State { outcome: None, waker: None });
        let shared = Arc::new(Shared { state, done: Condvar::new() });
        let work = Work(Arc::clone(&shared));
        let begun = spawn("m26-pay open", Box::new(move || work.end(open())));
        match begun {
            Ok(()) => Ok(Self(shared)),
            Err(source) => Err(Error::Io { doing: "no thread to open the port".into(), source }),
        }
    }

    /// Waits until it is open or cannot be opened, at most for so long.
    #[cfg_attr(not(feature = "blocking"), allow(dead_code, reason = "that driver needs it"))]
    pub(crate) fn wait(&self, time: Duration) -> Option<Result<T, Error>> {
        let state = self.0.lock();
        let waited = self.0.done.wait_timeout_while(state, time, |state| state.outcome.is_none());
        waited.unwrap_or_else(PoisonError::into_inner).0.outcome.take()
    }

    /// Whether it is open or cannot be opened.
    #[cfg_attr(not(feature = "async"), allow(dead_code, reason = "that driver needs it"))]
    pub(crate) fn poll(&self, cx: &mut Context<'_>) -> Poll<Result<T, Error>> {
        let mut state = self.0.lock();
        if let Some(outcome) = state.outcome.take() {
            return Poll::Ready(outcome);
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl<T> Shared<T> {
    /// Nothing in here panics half-way.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Work<T> {
    fn end(&self, outcome: Result<T, Error>) {
        let mut state = self.0.lock();
        state.outcome = Some(outcome);
        let waker = state.waker.take();
        drop(state);
        self.0.done.notify_all();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<T> Drop for Work<T> {
    fn drop(&mut self) {
        // Only this thread writes it, and whoever took it waits no more.
        if std::thread::panicking() {
            let doing = "the thread that opens the port has panicked".into();
            self.end(Err(Error::Io { doing, source: io::ErrorKind::Other.into() }));
        }
    }
}

impl<T> fmt::Debug for Opening<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let done = self.0.lock().outcome.is_some();
        f.debug_struct("Opening").field("done", &done).finish_non_exhaustive()
    }
}

/// Gives up the exclusive use of a port that is about to be closed. The thread that closes it may not
/// come to that before the process ends, and Linux keeps the lock for as long as anybody has the
/// terminal open.
pub(crate) fn release(port: impl AsFd) {
    if let Err(error) = rustix::termios::ioctl_tiocnxcl(port) {
        debug!(%error, "the exclusive use of the port is not given up");
    }
}

/// Has a thread close the port at this path, after `drain` has waited for what was written ([`drain`]).
pub(crate) fn close<T: Send + 'static>(port: T, path: Option<String>, drain: fn(&T)) {
    let closing = Closing::begin(path);
    // Without a thread it is closed here, and waited for.
    let _ = spawn(
        "m26-pay close",
        Box::new(move || {
            drain(&port);
            drop(port);
            drop(closing);
        }),
    );
}

/// Waits until what was written has left, and discards what does not leave within 2 s: Linux would
/// wait for it for 30 s, and keep whoever opens the port again that long.
pub(crate) fn drain(tty: &impl SerialPort) {
    for _ in 0..LOOKS {
        match tty.bytes_to_write() {
            Ok(0) | Err(_) => return,
            Ok(_) => wait(LOOK),
        }
    }
    if let Err(error) = tty.clear(ClearBuffer::Output) {
        debug!(%error, "what the port does not take cannot be discarded");
    }
}

/// Has a thread of this name do something. It is boxed, so that a program holds the standard library's
/// code for a new thread once.
fn spawn(name: &str, work: Box<dyn FnOnce() + Send>) -> io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}

#[allow(clippy::disallowed_methods, reason = "a thread that does nothing else waits")]
pub(super) fn wait(time: Duration) {
    std::thread::sleep(time);
}

/// Whether this process is closing a port at this path.
pub(super) fn is_closing(path: &str) -> bool {
    closing().iter().any(|closing| closing == path)
}

/// A port that is being closed.
struct Closing {
    path: Option<String>,
}

impl Closing {
    fn begin(path: Option<String>) -> Self {
        closing().extend(path.clone());
        Self { path }
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        let mut closing = closing();
        let place = closing.iter().position(|path| Some(path) == self.path.as_ref());
        if let Some(place) = place {
            closing.swap_remove(place);
        }
    }
}

fn closing() -> MutexGuard<'static, Vec<String>> {
    CLOSING.lock().unwrap_or_else(PoisonError::into_inner)
}

static CLOSING: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// 2 s: as long as 230 bytes take at 1200 baud, and a command has 150. Not specified.
const LOOKS: u32 = 200;
pub(super) const LOOK: Duration = Duration::from_millis(10);

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    #[cfg(feature = "blocking")]
    fn who_waits_is_not_kept_by_a_port_that_hangs() {
        let (release, hangs) = channel::<()>();
        let opening = Opening::begin(move || {
            let _ = hangs.recv();
            Ok(7)
        });
        let opening = opening.unwrap();
        assert!(opening.wait(Duration::from_millis(5)).is_none());
        release.send(()).unwrap();
        assert_eq!(opening.wait(Duration::from_secs(60)).unwrap().unwrap(), 7);
    }

    #[tokio::test(flavor = "current_thread")]
    #[cfg(feature = "async")]
    async fn an_executor_is_not_kept_by_a_port_that_hangs() {
        let (release, hangs) = channel::<()>();
        let opening = Opening::begin(move || {
            let _ = hangs.recv();
            Ok(7)
        });
        let opening = opening.unwrap();
        // Both run in one thread.
        let opened = tokio::spawn(std::future::poll_fn(move |cx| opening.poll(cx)));
        tokio::task::yield_now().await;
        release.send(()).unwrap();
        assert_eq!(opened.await.unwrap().unwrap(), 7);
    }

    #[test]
    #[cfg(feature = "blocking")]
    fn a_thread_that_panics_is_an_error() {
        let opening = Opening::<u8>::begin(|| panic!("on purpose")).unwrap();
        let error = opening.wait(Duration::from_secs(60)).unwrap().unwrap_err();
        assert!(error.to_string().contains("panicked"), "{error}");
    }

    #[test]
    fn who_closes_is_not_kept_by_a_port_that_hangs() {
        struct Port(std::sync::mpsc::Receiver<()>, std::sync::mpsc::Sender<()>);
        impl Drop for Port {
            fn drop(&mut self) {
                let _ = self.0.recv();
                let _ = self.1.send(());
            }
        }
        let ((release, hangs), (done, closed)) = (channel(), channel());
        close(Port(hangs, done), None, |_| {});
        release.send(()).unwrap();
        closed.recv().unwrap();
    }
}
