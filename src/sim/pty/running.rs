//! A device that is served by a thread of its own.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use super::{Handle, Pty, lock, now};
use crate::sim::trace::Passing;
use crate::sim::{Device, Order};

/// Serves a device on a new pseudo-terminal, in a thread of its own, until the result is dropped.
///
/// # Errors
///
/// When the system has no terminal or no thread left.
pub fn spawn<D: Device + Send + 'static>(device: D) -> io::Result<Running<D>> {
    Pty::open(None)?.spawn(device, |_| {})
}

impl Pty {
    /// Serves a device in a thread of its own until the result is dropped; `trace` sees what
    /// passes.
    ///
    /// # Errors
    ///
    /// When the system has no thread left.
    pub fn spawn<D: Device + Send + 'static>(
        mut self,
        device: D,
        trace: impl FnMut(Passing<'_>) + Send + 'static,
    ) -> io::Result<Running<D>> {
        let handle = self.handle();
        let device = Arc::new(Mutex::new(device));
        let served = Arc::clone(&device);
        let thread = thread::Builder::new()
            .name("m26-sim".into())
            .spawn(move || self.serve(&*served, trace))?;
        Ok(Running { device, handle, thread: Some(thread) })
    }
}

/// A device that a thread serves on a pseudo-terminal. Dropping it stops the thread and closes the
/// terminal.
#[derive(Debug)]
pub struct Running<D> {
    device: Arc<Mutex<D>>,
    handle: Handle,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl<D: Device> Running<D> {
    /// What a client opens now. After a hang-up without a link it is another terminal.
    pub fn path(&self) -> PathBuf {
        self.handle.path()
    }

    /// Gives the device an order.
    pub fn order(&self, order: Order) {
        self.with(|device| device.command(now(), &order));
    }

    /// Looks at the device, or changes it; the line waits meanwhile.
    pub fn with<T>(&self, look: impl FnOnce(&mut D) -> T) -> T {
        let result = look(&mut lock(&self.device));
        self.handle.wake();
        result
    }

    /// Stops serving, and says whether the terminal has failed.
    ///
    /// # Errors
    ///
    /// The error that ended the service early.
    pub fn stop(mut self) -> io::Result<()> {
        self.join()
    }
}

impl<D> Running<D> {
    fn join(&mut self) -> io::Result<()> {
        self.handle.stop();
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(result)) => result,
            Some(Err(_)) => Err(io::Error::other("the simulator's thread has panicked")),
            None => Ok(()),
        }
    }
}

impl<D> Drop for Running<D> {
    fn drop(&mut self) {
        // `stop` returns the error.
        drop(self.join());
    }
}
