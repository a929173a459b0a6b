//! Sessions: a module that is made ready for payments, and made ready again after every fault.
//!
//! A [`Machine`] says what to do next and which commands are allowed; a client does it. The machine
//! reads no clock and touches no port, so both clients share it, and a test runs a year of it in a
//! moment. The sessions of the clients are `blocking::Session` and `asynch::Session`.
//!
//! * A [`Plan`] says what the session has to do and what it is allowed to do: change the
//!   configuration, restart the module.
//! * A [`State`] says how far it is. Every [`Transition`] is a [`SessionEvent`] with its reason, and a
//!   line of the log with `from`, `to` and `reason` as fields.
//! * What is not allowed in a state is refused with
//!   [`Error::NotAllowed`](crate::error::Error::NotAllowed). No byte of it is sent.
//! * [`Health`] is for the technician: state, registration, last error, counters.
//!
//! # Which command when
//!
//! | state | the module's own commands | read and test forms | REP | DID, SIGN, PINFO, ACT |
//! |---|---|---|---|---|
//! | ready | yes | yes | yes | yes |
//! | identifying | yes | yes | yes | no: there is no bizTid yet, or an earlier signature may still come |
//! | shut | yes | no | no | no |
//! | failed, with an open port | yes | no | no | no |
//! | any other | no | no | no | no |
//!
//! The session itself sends OPEN, SHUT, a change of the configuration, and what switches the module
//! off or restarts it. A caller has `shut_down` and `reconfigure` instead. After a shut-down a
//! caller may switch the module off.
//!
//! # What it does by itself
//!
//! A [`Duty`] is work that the session does while it is ready and has nothing else to do, such as
//! sending stored reports: `attach` it to the session of either client. It is called when the
//! session becomes ready, after each [`nudge`](Machine::nudge), and at the times it asks for. A duty
//! without work costs nothing. The table above holds for its commands too; one is sent at a time,
//! after those of callers. The session learns from their outcome as from a caller's: if the SDK says
//! that it is not initialised, the session makes the module ready again. A duty always gets the
//! outcome of a command that it sent, and is told what the module's memory lost: [`Notice`].
//!
//! # A signature that does not come
//!
//! It could be taken for the signature of the next customer. So the session is not ready until the
//! signature has come, or its time is over. Then the session reads the module's clock. A signature
//! says when it was made, so one that was made before that reading is refused as an earlier one. If
//! the clock cannot be read, or three signatures in a row do not come, the module is restarted, if
//! the plan allows it.
//!
//! # What is known of a command that was cut off
//!
//! If the port is lost or the module restarts during a SIGN or REP, the command ends with
//! [`Certainty::Unknown`](crate::engine::Certainty::Unknown) if a byte of it was sent. The session
//! never sends it again by itself.

mod core;
mod demand;
#[cfg(any(feature = "async", feature = "blocking"))]
mod drive;
mod duty;
mod event;
mod health;
mod machine;
mod mark;
mod observe;
mod permit;
mod phase;
mod plan;
mod scheduler;
mod sdk;
mod state;

mod bring_up;
mod clock;
mod configure;
mod connect;
mod identify;
mod open;
mod ready;
mod restart;
mod shut_down;
mod synchronise;

/// The name of the deadline of a whole call: the wait until the session is ready, and the exchange.
pub(crate) const WHOLE_CALL: &str = "answer to the whole call";

pub use crate::backoff::Backoff;
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use connect::{OPENING, hangs};
#[cfg(any(feature = "async", feature = "blocking"))]
pub(crate) use drive::{Drive, Pending, client_settings};
pub use duty::{Duty, Notice, Standing, Unanswered};
pub use event::{SessionEvent, Warning};
pub use health::{Counters, Health};
pub use machine::{Machine, MachineStep, Pass};
pub use permit::NotAllowed;
pub use plan::{
    HeldReports, HostRestart, KEEP_ALIVE, Plan, RESTART_LIMIT, Restart, SYNCHRONISE_ATTEMPTS,
    ShutDown,
};
pub use state::{State, Transition};
