//! [`Gauge`]: what a port's counters say since they were last looked at.

use crate::engine::InputErrors;

/// Looks at the counters of a port, for both clients alike: after each read that brought something,
/// and before a deadline passes.
#[derive(Debug)]
pub(crate) struct Gauge {
    /// `None` if the driver of the port keeps no counters: then it is not asked again.
    last: Option<InputErrors>,
}

impl Gauge {
    /// What was counted before the client had the port is not its concern.
    pub(crate) fn new(counted: Option<InputErrors>) -> Self {
        Self { last: counted }
    }

    /// What is new, if anything is. `count` asks the port.
    pub(crate) fn look(
        &mut self,
        count: impl FnOnce() -> Option<InputErrors>,
    ) -> Option<InputErrors> {
        let last = self.last.as_mut()?;
        // A port that has just gone has no counters; that it has gone is noticed elsewhere.
        let counted = count()?;
        let new = counted.since(std::mem::replace(last, counted));
        (!new.is_none()).then_some(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(frame: u32) -> Option<InputErrors> {
        Some(InputErrors { frame, ..InputErrors::default() })
    }

    #[test]
    fn what_was_counted_is_told_once_and_nothing_of_before() {
        let mut gauge = Gauge::new(frames(7));
        assert_eq!(gauge.look(|| frames(7)), None);
        assert_eq!(gauge.look(|| frames(9)), frames(2));
        assert_eq!(gauge.look(|| frames(9)), None);
        assert_eq!(gauge.look(|| None), None);
        assert_eq!(gauge.look(|| frames(10)), frames(1));
    }

    #[test]
    fn a_driver_without_counters_is_not_asked_again() {
        let mut gauge = Gauge::new(None);
        assert_eq!(gauge.look(|| panic!("asked")), None);
    }
}
