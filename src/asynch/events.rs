//! [`Events`]: the stream of events.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::engine::Event;

/// What the module says unasked, in the order of arrival. It ends when the driver does.
///
/// If the program reads too slowly, [`Event::Missed`] says how many events were dropped. The events of
/// a session are [`session::SessionEvent`](crate::session::SessionEvent)s.
pub struct Events<E = Event>(Arc<Mutex<Ring<E>>>);

/// The driver's end.
pub(super) struct Sender<E>(Arc<Mutex<Ring<E>>>);

struct Ring<E> {
    events: VecDeque<E>,
    /// How many events are kept for a program that reads none.
    limit: usize,
    /// The event that says how many were dropped.
    say_missed: fn(u64) -> E,
    missed: u64,
    waker: Option<Waker>,
    closed: bool,
}

pub(super) fn channel<E>(limit: usize, say_missed: fn(u64) -> E) -> (Events<E>, Sender<E>) {
    let events = VecDeque::new();
    let ring = Ring { events, limit, say_missed, missed: 0, waker: None, closed: false };
    let ring = Arc::new(Mutex::new(ring));
    (Events(Arc::clone(&ring)), Sender(ring))
}

impl<E> Sender<E> {
    /// Adds an event. How many were dropped for it.
    pub(super) fn push(&self, event: E) -> u64 {
        let mut ring = lock(&self.0);
        let full = ring.events.len() >= ring.limit;
        if full {
            ring.events.pop_front();
            ring.missed += 1;
        }
        ring.events.push_back(event);
        if let Some(waker) = ring.waker.take() {
            waker.wake();
        }
        u64::from(full)
    }

    /// Whether events wait to be read, and this many more would drop one of them.
    pub(super) fn has_no_room_for(&self, more: usize) -> bool {
        let ring = lock(&self.0);
        !ring.events.is_empty() && ring.events.len() + more > ring.limit
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

impl<E> Events<E> {
    /// The next event, or `None` when there will be no more.
    pub async fn next(&mut self) -> Option<E> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl<E> Stream for Events<E> {
    type Item = E;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<E>> {
        let mut ring = lock(&self.0);
        if ring.missed > 0 {
            let missed = std::mem::take(&mut ring.missed);
            return Poll::Ready(Some((ring.say_missed)(missed)));
        }
        match ring.events.pop_front() {
            Some(event) => Poll::Ready(Some(event)),
            None if ring.closed => Poll::Ready(None),
            None => {
                ring.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<E> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("waiting", &lock(&self.0).events.len()).finish()
    }
}

/// A thread that panicked with the lock held does not stop the others.
fn lock<E>(ring: &Mutex<Ring<E>>) -> MutexGuard<'_, Ring<E>> {
    ring.lock().unwrap_or_else(PoisonError::into_inner)
}
