//! Where a session stands, and what it tells.

use std::borrow::Cow;
use std::fmt;

use crate::engine;
use crate::flows::Progress;
use crate::m26::ClockCheck;

/// Where a session stands. It is a value and no type of its own for each: a module can restart
/// at any time, so a type would lie.
///
/// ```text
/// Disconnected -> Connecting -> Synchronising -> BringingUp -> Configuring -> Opening
///      ^              |              ^  ^                                       |
///      +--------------+              |  |  a restart, silence                   v
///      a lost port, from anywhere    |  +------------------- Ready <------ Identifying
///                                    |                         |
///   Restarting -----------------------+                        v
///   (a failed OPEN)                            ShuttingDown -> Shut
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum State {
    /// There is no port; it is opened (again) after a while.
    #[default]
    Disconnected,
    /// The port is being opened.
    Connecting,
    /// The module is called.
    Synchronising,
    /// SIM, signal, network and clock are waited for.
    BringingUp,
    /// The SDK's configuration is read, and set if it may be.
    Configuring,
    /// The SDK is started, and told what the product is.
    Opening,
    /// The SDK is open; the bizTid is waited for.
    Identifying,
    /// Payments can be signed and reported.
    Ready,
    /// The SDK is being closed, as the caller wanted.
    ShuttingDown,
    /// The SDK is closed, as the caller wanted. Nothing happens by itself any more.
    Shut,
    /// The module is restarted.
    Restarting {
        /// Which attempt this is since the session was ready.
        attempt: u32,
    },
    /// Given up, with the reason in the transition. Only a restart of the module, a lost port or
    /// the caller's `resume` leads out of it.
    Failed,
}

impl State {
    /// Whether the SDK is open as far as the session knows.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Identifying | Self::Ready)
    }

    /// Whether the session works on getting ready.
    #[must_use]
    pub fn is_recovering(self) -> bool {
        !matches!(self, Self::Failed | Self::Ready | Self::Shut | Self::ShuttingDown)
    }

    /// What it is called in a message.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Disconnected => "disconnected",
            Self::Connecting => "connecting",
            Self::Synchronising => "synchronising",
            Self::BringingUp => "bringing up",
            Self::Configuring => "configuring",
            Self::Opening => "opening",
            Self::Identifying => "identifying",
            Self::Ready => "ready",
            Self::ShuttingDown => "shutting down",
            Self::Shut => "shut",
            Self::Restarting { .. } => "restarting",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Restarting { attempt } => write!(f, "restarting (attempt {attempt})"),
            state => f.write_str(state.name()),
        }
    }
}

/// From one state to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// Where the session stood.
    pub from: State,
    /// Where it stands now.
    pub to: State,
    /// Why. It holds no secret.
    pub reason: Cow<'static, str>,
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}: {}", self.from, self.to, self.reason)
    }
}

/// Something that happened in a session, in the order in which it did.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// So many events were dropped because nobody read them.
    Missed(u64),
    /// Something from the module that is no answer. [`engine::Event::Reset`] and
    /// [`engine::Event::Silent`] are followed by a transition, if they lead to one.
    Module(engine::Event),
    /// How far the session is on its way to ready.
    Progress(Progress),
    /// The session stands elsewhere.
    Transition(Transition),
    /// Somebody should look at it; the session goes on.
    Warning(Warning),
}

/// Something that does not stop the session and should not stay as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// The module finds the rate by itself, so that a restart may show nothing at all. The rate can
    /// be fixed with AT+IPR=115200 and AT&W; the session does not do it unasked.
    Autobauding,
    /// The clocks of host and module do not agree, or the host's was never set. A report's
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
    /// These results have not come, and the plan does not let the session restart the module. Until
    /// they come, commands of their kind are refused as outstanding.
    Outstanding {
        /// The prefixes of the results.
        results: Vec<&'static str>,
    },
    /// The product information could not be reported; the session goes on without.
    ProductInfo {
        /// What came of it.
        error: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Autobauding => f.write_str(
                "the module finds the rate by itself, so its restarts may go unseen: fix it with AT+IPR=115200 and AT&W",
            ),
            Self::Clock(check) => check.fmt(f),
            Self::ConfigurationChanged { fields } => write!(
                f,
                "the configuration was changed ({}), and the Alipay SDK discarded what it held",
                fields.join(", ")
            ),
            Self::ConfigurationDiffers { fields } => write!(
                f,
                "the configuration was set, and the module shows another {}: compare by hand",
                fields.join(", ")
            ),
            Self::Outstanding { results } => write!(
                f,
                "{} was due and has not come, and could be taken for another one: restart the module",
                results.join(", ")
            ),
            Self::ProductInfo { error } => {
                write!(f, "the product information was not taken: {error}")
            }
        }
    }
}
