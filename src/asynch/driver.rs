//! [`Driver`]: what carries out the commands of an async client.

mod alarm;
mod engine_loop;

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite};

use super::SerialPort;
use super::whole::{Io, Whole};
use crate::error::Error;

pub(super) use engine_loop::{room_for_a_read, work};

/// Carries out what the handles ask for, as long as it is polled.
///
/// It ends without an error when all handles are gone and nothing is pending. It ends with
/// [`Disconnected`](crate::engine::ExchangeError::Disconnected) when the port is gone: at its end, an
/// error or a hang-up.
#[must_use = "nothing happens unless it is polled: spawn it"]
pub struct Driver<T = SerialPort> {
    io: Whole<T>,
    /// Behind a trait, so that it is compiled here, once. In the program it would be compiled once for
    /// each port and, what ends it, once for each place where a future that holds it may end.
    work: Work,
}

pub(super) type Work = Box<dyn Drive>;

/// What a driver does with its port, whatever that is.
pub(super) trait Drive: Send {
    fn poll(&mut self, io: &mut dyn Io, cx: &mut Context<'_>) -> Poll<Result<(), Error>>;

    /// The port is of no use any more: everything pending ends.
    fn leave(&mut self, now: Instant);

    /// How many commands have not ended: all that `Debug` shows of a driver. To show the engine would be
    /// 7 kB of each program, whether it shows it or not.
    fn pending(&self) -> usize;
}

impl<T: AsyncRead + AsyncWrite + 'static> Driver<T> {
    pub(super) fn new(io: T, work: Work) -> Self {
        Self { io: Whole::new(io), work }
    }

    /// The port is of no use any more: everything pending ends.
    pub(super) fn leave(&mut self, now: Instant) {
        self.work.leave(now);
    }

    /// Works until `task` is done: a task that waits for this connection.
    pub(super) async fn run_beside<F: Future>(&mut self, task: F) -> F::Output {
        // In a box it is not compiled again in each place where the whole may end.
        let mut task = Box::pin(task);
        let mut over = false;
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(output) = task.as_mut().poll(cx) {
                    return Poll::Ready(output);
                }
                if over || Pin::new(&mut *self).poll(cx).is_pending() {
                    return Poll::Pending;
                }
                // The task is told that the port is gone.
                over = true;
            }
        })
        .await
    }
}

impl<T: AsyncRead + AsyncWrite + 'static> Future for Driver<T> {
    type Output = Result<(), Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let driver = self.get_mut();
        driver.work.poll(&mut driver.io, cx)
    }
}

impl<T> fmt::Debug for Driver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("pending", &self.work.pending()).finish_non_exhaustive()
    }
}
