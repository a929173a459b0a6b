//! [`Plan`]: what a session has to do, and what it may do.

use std::time::Duration;

use crate::alipay::{Config, HumanVerify};
use crate::engine::{EarlierProgram, SETTLE};
use crate::m26::{CLOCK_BOUND, NtpServer, SetAccessPoint};
use crate::session::Backoff;

/// What a session has to do, and what it may do.
///
/// ```
/// use m26_pay::m26::SetAccessPoint;
/// use m26_pay::session::{Plan, Restart};
///
/// let plan = Plan {
///     access_point: Some(SetAccessPoint::new("CMNET".parse()?)),
///     time_server: Some("ntp1.aliyun.com".parse()?),
///     restart: Restart::Reset,
///     ..Plan::default()
/// };
/// # Ok::<(), m26_pay::argument::InvalidArgument>(())
/// ```
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Plan {
    /// The configuration of the SDK. The module's own is read first, and this is set only if it
    /// differs. `None` leaves the module as it is configured.
    pub config: Option<Config>,
    /// What becomes of reports that the module may hold when its configuration differs from the
    /// plan's.
    pub held_reports: HeldReports,
    /// How the device verifies its customers. It is reported once in each boot; `None` reports
    /// nothing.
    pub human_verify: Option<HumanVerify>,
    /// The access point for packet data. Without it, the module's own setting stays.
    pub access_point: Option<SetAccessPoint>,
    /// The server that the module's clock is set from. Without it, the clock is only read.
    pub time_server: Option<NtpServer>,
    /// How far the clocks of host and module may differ before it is a warning:
    /// [`CLOCK_BOUND`].
    pub clock_bound: Duration,
    /// How many times in a row the module is called: [`SYNCHRONISE_ATTEMPTS`].
    pub synchronise_attempts: u32,
    /// How the module may be restarted.
    pub restart: Restart,
    /// How long a session waits for the outstanding result of a report before it takes it for lost:
    /// [`SETTLE`]. Until then no other report can be sent. A signature is waited for as long as its
    /// command may take. After that the module's clock tells a late one from the next, because a
    /// signature says when it was made.
    pub settle: Duration,
    /// How many restarts in a row the session makes before it gives up: [`RESTART_LIMIT`].
    pub restart_limit: u32,
    /// What is known of an earlier program at this port: the SDK may still work on its last command.
    pub earlier: EarlierProgram,
    /// How long to wait before something that failed is tried again.
    pub backoff: Backoff,
    /// A module that said nothing for this long is asked whether it still answers; `None` never
    /// asks. [`KEEP_ALIVE`].
    pub keep_alive: Option<Duration>,
}

/// How the module may be restarted. That is needed after a failed OPEN and a closed SDK, if SIM or
/// network are not found, and if signatures do not come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum Restart {
    /// Not at all: the session fails, and says that the module needs a restart.
    Never,
    /// By the host, such as with a GPIO line to RESET or PWRKEY. It is also used for a module that
    /// does not answer.
    Host,
    /// By AT+QPOWD=1. For boards whose PWRKEY is held low, so that a module that went off comes
    /// back by itself; any other stays off.
    PowerOff,
    /// By AT+CFUN=1,1 (27.007 8.2), which restarts a module that stays powered.
    #[default]
    Reset,
}

/// What came of a host's attempt to restart the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostRestart {
    /// The module restarts.
    Done,
    /// This host has no way to restart it. The session fails.
    NotPossible,
}

/// How far a shut-down goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ShutDown {
    /// The SDK is closed, and the module stays on.
    CloseSdk,
    /// The SDK is closed, if it is open, and the module is switched off.
    PowerOff,
}

/// What becomes of the reports that the module may hold: a change of its configuration discards them
/// (spec V1.0, 3.1, note 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub enum HeldReports {
    /// The change is refused if the module may hold reports.
    #[default]
    Keep,
    /// The change is made, and what the module holds is lost.
    Discard,
}

impl Default for Plan {
    /// Nothing is configured, and what the module holds is kept; the product verifies its customers by a QR
    /// code, as in the spec's example.
    fn default() -> Self {
        Self {
            config: None,
            held_reports: HeldReports::Keep,
            human_verify: Some(HumanVerify::QR_CODE),
            access_point: None,
            time_server: None,
            clock_bound: CLOCK_BOUND,
            synchronise_attempts: SYNCHRONISE_ATTEMPTS,
            restart: Restart::default(),
            settle: SETTLE,
            restart_limit: RESTART_LIMIT,
            earlier: EarlierProgram::default(),
            backoff: Backoff::default(),
            keep_alive: Some(KEEP_ALIVE),
        }
    }
}

/// Chosen because oFono asks up to 20 times, 500 ms apart, and 10 s are more than a boot takes (M26AT
/// 3.6.1: 3 to 5 s).
pub const SYNCHRONISE_ATTEMPTS: u32 = 20;

/// Not specified; chosen because a module whose SDK does not open after five restarts has a fault that
/// restarts do not end, and each of them loses the reports that only its memory holds.
pub const RESTART_LIMIT: u32 = 5;

/// Not specified; chosen because a till without customers should notice within a minute that its
/// module does not answer, and two short queries a minute cost nothing.
pub const KEEP_ALIVE: Duration = Duration::from_secs(60);
