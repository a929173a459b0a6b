//! [`Backlog`]: the events that nobody has read yet.

use std::collections::VecDeque;

use super::{Event, Settings};
use crate::at::command::Reply;
use crate::at::line::Line;

/// The events that nobody has read yet, up to a number and a size. The oldest give way.
pub(crate) struct Backlog<E> {
    events: VecDeque<E>,
    limits: BacklogLimits,
    /// What those take that are kept.
    bytes: usize,
    missed: u64,
}

/// How much a [`Backlog`] keeps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BacklogLimits {
    pub(crate) events: usize,
    pub(crate) bytes: usize,
}

/// An event of a [`Backlog`].
#[cfg_attr(not(feature = "async"), allow(unreachable_pub, reason = "the async events name it"))]
pub trait Kept {
    /// How many bytes it holds beside itself.
    fn held(&self) -> usize;

    /// The event that says how many were dropped.
    fn missed(count: u64) -> Self;
}

impl BacklogLimits {
    pub(crate) fn of(settings: &Settings) -> Self {
        Self { events: settings.event_limit, bytes: settings.event_bytes }
    }
}

impl<E: Kept> Backlog<E> {
    pub(crate) fn new(limits: BacklogLimits) -> Self {
        Self { events: VecDeque::new(), limits, bytes: 0, missed: 0 }
    }

    /// Adds an event. How many were dropped for it.
    pub(crate) fn push(&mut self, event: E) -> u64 {
        let bytes = weight(&event);
        let before = self.missed;
        // One is kept, however large it is.
        while self.events.len() >= self.limits.events.max(1)
            || !self.events.is_empty() && self.bytes + bytes > self.limits.bytes
        {
            if let Some(dropped) = self.events.pop_front() {
                self.bytes -= weight(&dropped);
            }
            self.missed += 1;
        }
        self.bytes += bytes;
        self.events.push_back(event);
        self.missed - before
    }

    /// The oldest event that was not read; before it, how many were dropped.
    pub(crate) fn pop(&mut self) -> Option<E> {
        match std::mem::take(&mut self.missed) {
            0 => {
                let event = self.events.pop_front()?;
                self.bytes -= weight(&event);
                Some(event)
            }
            missed => Some(E::missed(missed)),
        }
    }

    #[cfg(feature = "blocking")]
    pub(crate) fn is_empty(&self) -> bool {
        self.missed == 0 && self.events.is_empty()
    }

    /// How many wait to be read.
    pub(crate) fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether events wait, and so many more, with so many bytes beside them, would drop one.
    #[cfg(feature = "async")]
    pub(crate) fn has_no_room_for(&self, more: usize, bytes: usize) -> bool {
        let bytes = self.bytes.saturating_add(more.saturating_mul(size_of::<E>())) + bytes;
        !self.events.is_empty()
            && (self.events.len() + more > self.limits.events || bytes > self.limits.bytes)
    }
}

fn weight<E: Kept>(event: &E) -> usize {
    size_of::<E>() + event.held()
}

impl Kept for Event {
    fn held(&self) -> usize {
        match self {
            Self::Late(line)
            | Self::Malformed(line)
            | Self::Stray(line)
            | Self::Text(line)
            | Self::Urc(line) => line.as_bytes().len(),
            Self::Done { outcome: Ok(reply), .. } => held_by(reply),
            _ => 0,
        }
    }

    fn missed(count: u64) -> Self {
        Self::Missed(count)
    }
}

/// How many bytes an answer holds beside itself.
pub(crate) fn held_by(reply: &Reply) -> usize {
    let bytes = |line: &Line| size_of::<Line>() + line.as_bytes().len();
    reply.lines.iter().chain(&reply.result).map(bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn urc(length: usize) -> Event {
        Event::Urc(Line::new(vec![b'x'; length]))
    }

    #[test]
    fn the_oldest_give_way_to_number_and_size() {
        let each = size_of::<Event>();
        for (limits, length, kept) in [
            (BacklogLimits { events: 3, bytes: 1 << 20 }, 10, 3),
            (BacklogLimits { events: 1000, bytes: 4 * (each + 10) }, 10, 4),
            (BacklogLimits { events: 1000, bytes: 4 * (each + 10) - 1 }, 10, 3),
            (BacklogLimits { events: 1000, bytes: 10 }, 5000, 1),
            (BacklogLimits { events: 0, bytes: 0 }, 1, 1),
        ] {
            let mut backlog = Backlog::new(limits);
            let dropped: u64 = (0..10).map(|_| backlog.push(urc(length))).sum();
            assert_eq!((backlog.len(), dropped), (kept, 10 - kept as u64), "{limits:?}");
            assert_eq!(backlog.pop(), Some(Event::Missed(dropped)));
            let rest = std::iter::from_fn(|| backlog.pop()).count();
            assert_eq!((rest, backlog.bytes, backlog.len()), (kept, 0, 0));
        }
    }

    #[cfg(feature = "async")]
    #[test]
    fn one_that_is_large_drops_many() {
        let mut backlog =
            Backlog::new(BacklogLimits { events: 1000, bytes: 8 * size_of::<Event>() });
        assert_eq!((0..8).map(|_| backlog.push(Event::Silent)).sum::<u64>(), 0);
        assert!(backlog.has_no_room_for(1, 0) && backlog.has_no_room_for(0, 1));
        assert_eq!(backlog.push(urc(4 * size_of::<Event>())), 5);
        assert_eq!(backlog.len(), 4);
    }
}
