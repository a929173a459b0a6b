//! A gateway on TCP.

use std::collections::HashMap;
use std::io::{self, ErrorKind};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream, ToSocketAddrs};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::connection::{Connection, Head, Meanwhile, Unread};
use super::{Outgoing, Polled, RawResponse, Service};

/// A server that speaks HTTP/1.1 for a [`Service`].
///
/// It keeps connections alive, takes bodies with `Content-Length`, and does what other servers
/// never do: it closes without an answer, answers late or not at all, and stops in the middle of a
/// body. It is for tests: a thread serves each connection, 64 at most, and each part of a request
/// has a limit in size and in time.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    handle: ServerHandle,
}

/// Stops a [`Server`] that is serving.
#[derive(Clone, Debug)]
pub struct ServerHandle(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    stop: AtomicBool,
    /// The connections there are, to be closed at the end.
    open: Mutex<HashMap<u64, TcpStream>>,
}

impl Server {
    /// Listens at an address; port 0 is any port that is free.
    ///
    /// # Errors
    ///
    /// When the address is not of this machine, or taken.
    pub fn bind(address: impl ToSocketAddrs) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let (stop, open) = (AtomicBool::new(false), Mutex::default());
        Ok(Self { listener, handle: ServerHandle(Arc::new(Shared { address, stop, open })) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.handle.0.address
    }

    /// A way to stop [`serve`](Self::serve) from another thread.
    pub fn handle(&self) -> ServerHandle {
        self.handle.clone()
    }

    /// Serves until [`ServerHandle::stop`]. `note` gets the service's notes.
    ///
    /// # Errors
    ///
    /// When no more connections can be accepted.
    pub fn serve<S: Service + Send>(
        &self,
        service: &Mutex<S>,
        note: impl FnMut(&str) + Send,
    ) -> io::Result<()> {
        let note = Mutex::new(note);
        let shared = &*self.handle.0;
        let result = thread::scope(|scope| {
            for id in 0.. {
                let accepted = self.listener.accept();
                if shared.stop.load(Ordering::Acquire) {
                    break;
                }
                let stream = match accepted {
                    Ok((stream, _)) => stream,
                    Err(error) if is_passing(&error) => continue,
                    Err(error) => {
                        self.handle.close_all();
                        return Err(error);
                    }
                };
                let Some(stream) = shared.admit(id, stream) else { continue };
                let note = &note;
                let served = thread::Builder::new().spawn_scoped(scope, move || {
                    // Its client sees that it has failed.
                    drop(serve_one(stream, service, note));
                    lock(&shared.open).remove(&id);
                });
                if served.is_err() {
                    lock(&shared.open).remove(&id);
                }
            }
            self.handle.close_all();
            Ok(())
        });
        drain(service, &note);
        result
    }

    /// Serves in a thread of its own until the result is dropped.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub fn spawn<S: Service + Send + 'static>(self, service: S) -> io::Result<RunningServer<S>> {
        let handle = self.handle();
        let service = Arc::new(Mutex::new(service));
        let served = Arc::clone(&service);
        let thread = thread::Builder::new().spawn(move || self.serve(&served, |_| {}))?;
        Ok(RunningServer { service, handle, thread: Some(thread) })
    }
}

impl Shared {
    /// Counts a new connection in; one too many is told so.
    fn admit(&self, id: u64, stream: TcpStream) -> Option<TcpStream> {
        let mut open = lock(&self.open);
        if open.len() < CONNECTIONS {
            open.insert(id, stream.try_clone().ok()?);
            return Some(stream);
        }
        drop(open);
        let busy = plain(503, "there are 64 connections already\n");
        drop(Connection::new(stream).and_then(|mut it| it.write(&busy, false, false)));
        None
    }
}

impl ServerHandle {
    /// Makes [`Server::serve`] return; connections are closed.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Release);
        // Only a connection wakes who accepts connections. If none is to be had, none waits.
        drop(TcpStream::connect_timeout(&self.wake_address(), Duration::from_secs(1)));
    }

    fn wake_address(&self) -> SocketAddr {
        let mut address = self.0.address;
        if address.ip().is_unspecified() {
            address.set_ip(match address {
                SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
                SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
            });
        }
        address
    }

    fn close_all(&self) {
        self.0.stop.store(true, Ordering::Release);
        for stream in lock(&self.0.open).values() {
            // It may be closed already.
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}

/// A service that a thread serves. Dropping it stops the thread and closes its connections.
#[derive(Debug)]
pub struct RunningServer<S> {
    service: Arc<Mutex<S>>,
    handle: ServerHandle,
    thread: Option<thread::JoinHandle<io::Result<()>>>,
}

impl<S> RunningServer<S> {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.handle.0.address
    }

    /// Looks at the service, or changes it; requests wait meanwhile.
    pub fn with<T>(&self, look: impl FnOnce(&mut S) -> T) -> T {
        look(&mut lock(&self.service))
    }

    /// The time by which the service goes.
    pub fn now(&self) -> Instant {
        now()
    }
}

impl<S> Drop for RunningServer<S> {
    fn drop(&mut self) {
        self.handle.stop();
        if let Some(thread) = self.thread.take() {
            // What it ended with is of no use any more.
            drop(thread.join());
        }
    }
}

fn serve_one<S: Service>(
    stream: TcpStream,
    service: &Mutex<S>,
    note: &Mutex<impl FnMut(&str)>,
) -> io::Result<()> {
    let mut connection = Connection::new(stream)?;
    loop {
        let head = match connection.read() {
            Ok(head) => head,
            Err(Unread::Closed) => return Ok(()),
            Err(Unread::Refused(status, text)) => {
                connection.write(&plain(status, text), false, false)?;
                connection.close();
                return Ok(());
            }
        };
        let delivery = answer(&mut connection, &head, service, note);
        drain(service, note);
        match delivery? {
            Outgoing::Whole(response) => connection.write(&response, false, head.keep_alive)?,
            Outgoing::CutOff(response) => {
                connection.write(&response, true, false)?;
                connection.close();
                return Ok(());
            }
            Outgoing::Closed => {
                connection.close();
                return Ok(());
            }
        }
        if !head.keep_alive {
            connection.close();
            return Ok(());
        }
        connection.next(&head);
    }
}

/// Has a request answered, however long that takes. A client that goes is taken for a closed
/// connection.
fn answer<S: Service>(
    connection: &mut Connection,
    head: &Head,
    service: &Mutex<S>,
    note: &Mutex<impl FnMut(&str)>,
) -> io::Result<Outgoing> {
    let visit = lock(service).receive(now(), &connection.request(head));
    drain(service, note);
    loop {
        let progress = lock(service).poll(now(), visit);
        let until = match progress {
            Polled::Done(delivery) => return Ok(delivery),
            Polled::Never => {
                let end = now() + HELD;
                drain(service, note);
                while now() < end {
                    if matches!(connection.wait(end)?, Meanwhile::Gone) {
                        break;
                    }
                }
                return Ok(Outgoing::Closed);
            }
            Polled::Wait(until) => until,
        };
        match connection.wait(until) {
            Ok(Meanwhile::Waited) => {}
            Ok(Meanwhile::Gone) => {
                lock(service).leave(visit);
                return Ok(Outgoing::Closed);
            }
            Err(error) => {
                lock(service).leave(visit);
                return Err(error);
            }
        }
    }
}

fn drain<S: Service>(service: &Mutex<S>, note: &Mutex<impl FnMut(&str)>) {
    let mut note = lock(note);
    let lines = lock(service).notes();
    for line in lines {
        note(&line);
    }
}

fn plain(status: u16, text: &str) -> RawResponse {
    let body = text.as_bytes().to_vec();
    RawResponse { status, content_type: "text/plain;charset=utf-8", location: None, body }
}

/// A panic of another thread leaves the service as it is; the simulation goes on with it.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the next connection may well be accepted.
fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset | ErrorKind::Interrupted
    )
}

#[allow(clippy::disallowed_methods, reason = "this is the driver: services get their time here")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Not specified; chosen because no test of one client needs more.
const CONNECTIONS: usize = 64;

/// How long a request that is never answered keeps its connection: longer than any client waits.
const HELD: Duration = Duration::from_secs(120);
