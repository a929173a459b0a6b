//! The stream of events.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use futures_core::Stream;

use crate::engine::Event;

/// What the module says of its own accord, in the order of arrival. It ends when the driver does.
///
/// Who reads too slowly is told by [`Event::Missed`] how many events were dropped.
pub struct Events(Arc<Mutex<Ring>>);

/// The driver's end.
pub(super) struct Sender(Arc<Mutex<Ring>>);

#[derive(Default)]
struct Ring {
    events: VecDeque<Event>,
    missed: u64,
    waker: Option<Waker>,
    closed: bool,
}

pub(super) fn channel() -> (Events, Sender) {
    let ring = Arc::new(Mutex::new(Ring::default()));
    (Events(Arc::clone(&ring)), Sender(ring))
}

impl Sender {
    pub(super) fn push(&self, event: Event) {
        let mut ring = lock(&self.0);
        if ring.events.len() >= KEPT {
            ring.events.pop_front();
            ring.missed += 1;
        }
        ring.events.push_back(event);
        if let Some(waker) = ring.waker.take() {
            waker.wake();
        }
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        let mut ring = lock(&self.0);
        ring.closed = true;
        if let Some(waker) = ring.waker.take() {
            waker.wake();
        }
    }
}

impl Events {
    /// The next event, or `None` when there will be no more.
    pub async fn next(&mut self) -> Option<Event> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let mut ring = lock(&self.0);
        if ring.missed > 0 {
            return Poll::Ready(Some(Event::Missed(std::mem::take(&mut ring.missed))));
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

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("waiting", &lock(&self.0).events.len()).finish()
    }
}

/// A panic elsewhere leaves the ring as good as it was.
fn lock(ring: &Mutex<Ring>) -> MutexGuard<'_, Ring> {
    ring.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How many events are kept for a reader who reads none.
const KEPT: usize = 1024;
