//! Events of a session with a thread of its own: a callback for each, or a descriptor to poll.

use std::ffi::c_void;
use std::io::{Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use m26_pay::blocking::SessionHandle;
use m26_pay::error::Error;

use super::calls::session;
use super::link::wrong_thread;
use crate::boundary::enter;
use crate::event::{Told, m26pay_event};
use crate::failure::Failure;
use crate::module::{self, m26pay_module};
use crate::pointer::Out;
use crate::registry;
use crate::status::{M26PAY_WRONG_KIND, m26pay_status};
use crate::worker::Worker;

/// Is told an event, which lives as long as the call. A thread of the library calls it. It may call this
/// library, but not `m26pay_module_free` or `m26pay_session_on_event` for the same module:
/// `M26PAY_WRONG_THREAD`.
pub type m26pay_event_callback =
    Option<unsafe extern "C" fn(event: *const m26pay_event, user: *mut c_void)>;

/// Has a callback told every event of a session that was started, until the module is freed; NULL is
/// `M26PAY_NULL_POINTER`. Only one callback or descriptor is possible.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_session_on_event(
    module: m26pay_module,
    callback: m26pay_event_callback,
    user: *mut c_void,
) -> m26pay_status {
    enter(|| {
        let callback = callback.ok_or_else(|| {
            Failure::misuse(crate::status::M26PAY_NULL_POINTER, "callback is NULL")
        })?;
        let link = module::get(module)?;
        let target = Target { callback, user };
        set(&link, |handle| {
            let worker = spawn(move || {
                while let Some(event) = handle.next_event(None) {
                    Told::from(&event).show(|event| target.tell(event));
                }
            })?;
            Ok(Reader { worker, descriptor: None })
        })
    })
}

/// Gives a descriptor that is readable while the session, which was started, has events: for poll, select or
/// epoll. Read nothing from it, and take the events with `m26pay_next_event` and a time of 0 until that says
/// `M26PAY_NOTHING`. It belongs to the library, and is closed when the module is freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_session_event_fd(
    module: m26pay_module,
    fd: *mut i32,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("fd", fd) }?;
        let link = module::get(module)?;
        let mut number = -1;
        set(&link, |handle| {
            let descriptor = Arc::new(Descriptor::new()?);
            number = descriptor.hears.as_raw_fd();
            let shared = Arc::clone(&descriptor);
            let worker = spawn(move || while handle.wait_event(None) && shared.announce() {})?;
            Ok(Reader { worker, descriptor: Some(descriptor) })
        })?;
        to.write(number);
        Ok(())
    })
}

/// Where a session has its reader, if it has one.
pub(super) enum Place {
    Empty,
    Taken(Reader),
    /// The session has ended.
    Closed,
}

/// A thread that waits for events.
pub(super) struct Reader {
    worker: Worker,
    descriptor: Option<Arc<Descriptor>>,
}

impl Reader {
    /// Whether this is the thread of the reader.
    pub(super) fn is_current(&self) -> bool {
        self.worker.is_current()
    }

    /// An event was taken: without another one the descriptor is not readable any more.
    pub(super) fn taken(&self, more: impl FnOnce() -> bool) {
        if let Some(descriptor) = &self.descriptor {
            descriptor.taken(more);
        }
    }

    /// Ends it, once the session does not work any more.
    pub(super) fn end(self) {
        if let Some(descriptor) = &self.descriptor {
            descriptor.end();
        }
        self.worker.join();
    }
}

/// Two ends of which the program polls one.
struct Descriptor {
    rings: UnixStream,
    hears: UnixStream,
    standing: Mutex<Standing>,
    changed: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Quiet,
    /// It is readable.
    Announced,
    Ended,
}

impl Descriptor {
    fn new() -> Result<Self, Failure> {
        let pair = UnixStream::pair().and_then(|(rings, hears)| {
            rings.set_nonblocking(true)?;
            hears.set_nonblocking(true)?;
            Ok((rings, hears))
        });
        let (rings, hears) = pair.map_err(|source| {
            Failure::from(Error::Io { doing: "the system has no descriptor left".into(), source })
        })?;
        Ok(Self { rings, hears, standing: Mutex::new(Standing::Quiet), changed: Condvar::new() })
    }

    /// Makes it readable and waits until all events were taken. Whether to go on.
    fn announce(&self) -> bool {
        let mut standing = self.lock();
        if *standing == Standing::Quiet {
            *standing = Standing::Announced;
            // There is room: nothing was announced.
            let _ = (&self.rings).write(&[0]);
        }
        while *standing == Standing::Announced {
            standing = self.changed.wait(standing).unwrap_or_else(PoisonError::into_inner);
        }
        *standing != Standing::Ended
    }

    fn taken(&self, more: impl FnOnce() -> bool) {
        let mut standing = self.lock();
        if *standing == Standing::Announced && !more() {
            let _ = (&self.hears).read(&mut [0; 8]);
            *standing = Standing::Quiet;
            self.changed.notify_all();
        }
    }

    fn end(&self) {
        *self.lock() = Standing::Ended;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A callback with what it is called with.
struct Target {
    callback: unsafe extern "C" fn(event: *const m26pay_event, user: *mut c_void),
    user: *mut c_void,
}

// SAFETY: `user` is never followed here, only handed to the function that it belongs to, of which the header
// says that another thread calls it.
unsafe impl Send for Target {}

impl Target {
    fn tell(&self, event: &m26pay_event) {
        // SAFETY: the header asks it of the caller.
        unsafe { (self.callback)(event, self.user) }
    }
}

/// Gives the session a reader, if it has none.
fn set(
    link: &module::Module,
    make: impl FnOnce(SessionHandle) -> Result<Reader, Failure>,
) -> Result<(), Failure> {
    let threaded = session(link)?.threaded()?;
    let mut reader = threaded.reader.lock().unwrap_or_else(PoisonError::into_inner);
    match &*reader {
        Place::Taken(reader) if reader.is_current() => Err(wrong_thread()),
        Place::Taken(_) => Err(Failure::misuse(
            M26PAY_WRONG_KIND,
            "the session has a callback or a descriptor already",
        )),
        Place::Closed => Err(registry::stale()),
        Place::Empty => {
            *reader = Place::Taken(make(threaded.handle.clone())?);
            Ok(())
        }
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> Result<Worker, Failure> {
    Worker::spawn("m26pay-events", work).map_err(|source| {
        Error::Io { doing: "the system gives the events no thread".into(), source }.into()
    })
}
