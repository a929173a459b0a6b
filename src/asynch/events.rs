//! [`Events`]: the stream of events.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::engine::{Backlog, BacklogLimits, Event, Kept};

/// What the module says unasked, in the order of arrival. It ends when the driver does.
///
/// If the program reads too slowly, [`Event::Missed`] says how many events were dropped. The events of
/// a session are [`session::SessionEvent`](crate::session::SessionEvent)s.
pub struct Events<E = Event>(Arc<Mutex<Ring<E>>>);

/// The driver's end.
pub(super) struct Sender<E>(Arc<Mutex<Ring<E>>>);

struct Ring<E> {
    events: Backlog<E>,
    waker: Option<Waker>,
    closed: bool,
}

pub(super) fn channel<E: Kept>(limits: BacklogLimits) -> (Events<E>, Sender<E>) {
    let ring = Ring { events: Backlog::new(limits), waker: None, closed: false };
    let ring = Arc::new(Mutex::new(ring));
    (Events(Arc::clone(&ring)), Sender(ring))
}

impl<E: Kept> Sender<E> {
    /// Adds an event. How many were dropped for it.
    pub(super) fn push(&self, event: E) -> u64 {
        let mut ring = lock(&self.0);
        let dropped = ring.events.push(event);
        if let Some(waker) = ring.waker.take() {
            waker.wake();
        }
        dropped
    }

    /// Whether events wait to be read, and so many more, with so many bytes, would drop one of them.
    pub(super) fn has_no_room_for(&self, more: usize, bytes: usize) -> bool {
        lock(&self.0).events.has_no_room_for(more, bytes)
    }
}

impl<E> Drop for Sender<E> {
    fn drop(&mut self) {
        let mut ring = lock(&self.0);
        ring.closed = true;
        if let Some(waker) = ring.waker.take() {
            waker.wake();
        }
    }
}

impl<E: Kept> Events<E> {
    /// The next event, or `None` when there will be no more.
    pub async fn next(&mut self) -> Option<E> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<E: Kept> Stream for Events<E> {
    type Item = E;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<E>> {
        let mut ring = lock(&self.0);
        match ring.events.pop() {
            Some(event) => Poll::Ready(Some(event)),
            None if ring.closed => Poll::Ready(None),
            None => {
                ring.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<E: Kept> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("waiting", &lock(&self.0).events.len()).finish()
    }
}

/// A thread that panicked with the lock held does not stop the others.
fn lock<E>(ring: &Mutex<Ring<E>>) -> MutexGuard<'_, Ring<E>> {
    ring.lock().unwrap_or_else(PoisonError::into_inner)
}
