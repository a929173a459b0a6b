//! Timers: what the engine waits for, by name.

use std::time::Instant;

/// A timer of the engine. Each runs at most once at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TimerKind {
    /// When boot lines begin to tell of another start. Set by each start and by the beginning of the
    /// engine ([`Settings::boot`](super::Settings::boot)); nothing wakes for it.
    Boot,
    /// When a fence without an answer is given up, and the next one is sent. Set when the fence was
    /// written ([`Settings::fence`](super::Settings::fence)).
    Fence,
    /// When the command on the wire fails for want of its final result. Set when its line was
    /// written, by the command's own deadline; and anew when its result line comes first
    /// ([`Settings::final_after_result`](super::Settings::final_after_result)).
    Final,
    /// When commands may begin that were held back: results that were missed, or that an earlier program
    /// was due, have had all their time, or are taken for lost. Set while commands wait to begin.
    Held,
    /// When data that a line announced are given up and read as lines. Set when the splitter begins
    /// to wait for them ([`Settings::payload`](super::Settings::payload)).
    Payload,
    /// When the first of the commands that had their `OK` fails for want of its result line. Set
    /// whenever one begins or ends to wait, by the commands' own deadlines.
    Result,
    /// When a line that the port does not take to its end is given up. Set when a line begins
    /// ([`Settings::transmit`](super::Settings::transmit)); and for a line whose command has ended,
    /// when the next command begins to wait behind it.
    Transmit,
    /// When the first of the commands that wait to begin fails as not sent. Set whenever one begins
    /// to wait ([`Settings::turn`](super::Settings::turn)).
    Turn,
}

impl TimerKind {
    const ALL: [Self; 8] = [
        Self::Boot,
        Self::Fence,
        Self::Final,
        Self::Held,
        Self::Payload,
        Self::Result,
        Self::Transmit,
        Self::Turn,
    ];

    /// What is waited for, where no command has a name for it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Boot => "boot lines",
            Self::Fence => "fence",
            Self::Final => "final result",
            Self::Held => "results of earlier commands",
            Self::Payload => "announced data",
            Self::Result => "result",
            Self::Transmit => "line written",
            Self::Turn => "turn to begin",
        }
    }
}

/// Which timers run, and when each of them fires.
#[derive(Debug)]
pub(super) struct Timers {
    /// A bit for each that runs: most of the time it is one or two.
    running: u8,
    at: [Instant; TimerKind::ALL.len()],
}

impl Timers {
    /// None of them runs.
    pub(super) fn new(now: Instant) -> Self {
        Self { running: 0, at: [now; TimerKind::ALL.len()] }
    }

    #[inline]
    pub(super) fn set(&mut self, timer: TimerKind, at: Instant) {
        self.running |= bit(timer);
        self.at[timer as usize] = at;
    }

    #[inline]
    pub(super) fn set_or_stop(&mut self, timer: TimerKind, at: Option<Instant>) {
        match at {
            Some(at) => self.set(timer, at),
            None => self.stop(timer),
        }
    }

    #[inline]
    pub(super) fn stop(&mut self, timer: TimerKind) {
        self.running &= !bit(timer);
    }

    /// Stops those of whatever is on the wire.
    #[inline]
    pub(super) fn stop_wire(&mut self) {
        self.running &= !ON_WIRE;
    }

    #[inline]
    pub(super) fn get(&self, timer: TimerKind) -> Option<Instant> {
        self.is_running(timer).then(|| self.at[timer as usize])
    }

    #[inline]
    pub(super) fn is_running(&self, timer: TimerKind) -> bool {
        self.running & bit(timer) != 0
    }

    /// Whether it runs and its time has come.
    #[inline]
    pub(super) fn is_due(&self, timer: TimerKind, now: Instant) -> bool {
        self.is_running(timer) && self.at[timer as usize] <= now
    }

    /// Whether none runs that may wake somebody.
    #[inline]
    pub(super) fn wake_nobody(&self) -> bool {
        self.running & !bit(TimerKind::Boot) == 0
    }

    /// Those that run and may wake somebody.
    #[inline]
    pub(super) fn waking(&self) -> impl Iterator<Item = (TimerKind, Instant)> + '_ {
        let mut running = self.running & !bit(TimerKind::Boot);
        std::iter::from_fn(move || {
            let timer = *TimerKind::ALL.get(running.trailing_zeros() as usize)?;
            running &= running - 1;
            Some((timer, self.at[timer as usize]))
        })
    }
}

const fn bit(timer: TimerKind) -> u8 {
    1 << timer as u8
}

const ON_WIRE: u8 = bit(TimerKind::Fence) | bit(TimerKind::Final) | bit(TimerKind::Transmit);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_runs_and_stops_for_itself() {
        #[expect(clippy::disallowed_methods, reason = "any beginning will do")]
        let now = Instant::now();
        let mut timers = Timers::new(now);
        for (place, timer) in TimerKind::ALL.into_iter().enumerate() {
            assert_eq!(place, timer as usize);
            timers.set(timer, now + Duration::from_secs(place as u64));
        }
        let waking: Vec<_> = timers.waking().map(|(timer, _)| timer).collect();
        assert_eq!(waking, TimerKind::ALL[1..], "nothing wakes for boot lines");
        assert!(timers.is_due(TimerKind::Boot, now) && !timers.is_due(TimerKind::Fence, now));
        timers.stop_wire();
        let left: Vec<_> = timers.waking().map(|(timer, _)| timer).collect();
        assert_eq!(left, [TimerKind::Held, TimerKind::Payload, TimerKind::Result, TimerKind::Turn]);
    }
}
