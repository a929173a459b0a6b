//! [`SessionEvent`] and [`Warning`]: what a session tells.

use std::fmt;

use crate::engine;
#[cfg(any(feature = "async", feature = "blocking"))]
use crate::engine::Kept;
use crate::flows::{Progress, Shortfall};
use crate::m26::{ClockCheck, RegistrationStatus};
use crate::session::Transition;

/// Something that happened in a session. Events come in the order in which they happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum SessionEvent {
    /// How many events were dropped because nobody read them.
    Missed(u64),
    /// Something from the module that is not an answer. If [`engine::Event::Reset`] or
    /// [`engine::Event::Silent`] changes the state, the transition follows it.
    Module(engine::Event),
    /// How far the session is on its way to ready.
    Progress(Progress),
    /// The state of the session changed.
    Transition(Transition),
    /// Somebody should look at it; the session goes on.
    Warning(Warning),
}

impl fmt::Display for SessionEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missed(count) => write!(f, "{count} events were dropped: nobody read them"),
            Self::Module(event) => event.fmt(f),
            Self::Progress(progress) => progress.fmt(f),
            Self::Transition(transition) => transition.fmt(f),
            Self::Warning(warning) => warning.fmt(f),
        }
    }
}

#[cfg(any(feature = "async", feature = "blocking"))]
impl Kept for SessionEvent {
    fn held(&self) -> usize {
        match self {
            Self::Module(event) => event.held(),
            Self::Progress(progress) => progress.detail.len(),
            Self::Transition(transition) => transition.reason.len(),
            // Few, and short.
            Self::Missed(_) | Self::Warning(_) => 0,
        }
    }

    fn missed(count: u64) -> Self {
        Self::Missed(count)
    }
}

/// Something that does not stop the session, but that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Warning {
    /// The module detects the baud rate by itself, so its restarts may stay unseen. The rate can be
    /// fixed with AT+IPR=115200 and AT&W; the session does not do that unasked.
    Autobauding,
    /// The clocks of host and module do not agree, or the host's was never set. It is looked at in each
    /// bring-up, and while the session is ready within a minute after it was set. A report's
    /// `time_stamp` depends on it.
    Clock(ClockCheck),
    /// The configuration was changed, and the SDK discarded what it held.
    ConfigurationChanged {
        /// The values that had differed.
        fields: Vec<&'static str>,
    },
    /// The configuration was set, and the module shows something else for these. It is not set
    /// again.
    ConfigurationDiffers {
        /// The values.
        fields: Vec<&'static str>,
    },
    /// The module is no longer registered for packet data. The session stays ready: a signature
    /// needs no network, and reports wait in the module.
    NetworkLost {
        /// The registration now.
        status: RegistrationStatus,
    },
    /// These results have not come in the longest time that any answer is known to take, and are
    /// taken for lost.
    Outstanding {
        /// The prefixes of the results.
        results: Vec<&'static str>,
    },
    /// The product information could not be reported; the session goes on without.
    ProductInfo {
        /// Why.
        error: String,
    },
    /// Something that no payment needs was refused, not answered, or answered in an unexpected way.
    /// It is tried again.
    Shortfall(Shortfall),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Autobauding => f.write_str(
                "the module finds the baud rate by itself, which can hide its restarts: fix the rate with AT+IPR=115200 and AT&W",
            ),
            Self::Clock(check) => check.fmt(f),
            Self::ConfigurationChanged { fields } => write!(
                f,
                "the configuration was changed ({}), and the Alipay SDK discarded what it held",
                fields.join(", ")
            ),
            Self::ConfigurationDiffers { fields } => write!(
                f,
                "the configuration was set, but the module shows another {}: compare the two",
                fields.join(", ")
            ),
            Self::NetworkLost { status } => {
                write!(f, "the network has let the module go: {status}; look at the antenna and the SIM if it stays so")
            }
            Self::Outstanding { results } => write!(
                f,
                "{} has not come for so long that it is taken for lost: look at the line if it happens again",
                results.join(", ")
            ),
            Self::ProductInfo { error } => {
                write!(f, "the product information was not taken: {error}")
            }
            Self::Shortfall(shortfall) => shortfall.fmt(f),
        }
    }
}
