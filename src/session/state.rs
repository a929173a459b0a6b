//! [`State`] and [`Transition`]: how far a session is.

use std::borrow::Cow;
use std::fmt;

/// How far a session is. It is a value and not a type for each state: the module can restart at any
/// time, and a type could not change then.
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
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum State {
    /// There is no port. It is opened after a while.
    #[default]
    Disconnected,
    /// The port is being opened.
    Connecting,
    /// The module is called until it answers.
    Synchronising,
    /// SIM, signal, network and clock are waited for.
    BringingUp,
    /// The SDK's configuration is read, and set if it may be.
    Configuring,
    /// The SDK is started, and told what the product is.
    Opening,
    /// The SDK is open. The session waits for the bizTid, or for an outstanding signature that could
    /// be taken for the next one.
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
    /// The session has given up; the transition has the reason. It goes on after a restart of the
    /// module, a lost port or a `resume` of the caller.
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

    /// Its name in messages.
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

/// A change from one state to another.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Transition {
    /// The state before.
    pub from: State,
    /// The state now.
    pub to: State,
    /// Why. It holds no secret.
    pub reason: Cow<'static, str>,
}

impl fmt::Display for Transition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}: {}", self.from, self.to, self.reason)
    }
}
