//! A terminal that runs for months: from a port that may come and go to an SDK that is ready, and
//! back there after every fault.
//!
//! A [`Machine`] says what is to be done next and which commands may pass; a client carries it
//! out. It reads no clock and touches no port, so both clients share it, and a test runs a year
//! of it in no time. The sessions of the clients are `blocking::Session` and `asynch::Session`.
//!
//! * A [`Plan`] says what the session is to do and what it may: whether it may change a
//!   configuration, how it may restart the module.
//! * A [`State`] says where it stands. Every [`Transition`] is an [`Event`] with its reason, and a
//!   tracing event.
//! * What is not allowed in a state is refused with
//!   [`Error::NotAllowed`](crate::error::Error::NotAllowed), and not a byte of it is sent.
//! * [`Health`] is what a technician wants to know.
//!
//! # Which command when
//!
//! | state | the module's own commands | read and test forms | REP | DID, SIGN, PINFO, ACT |
//! |---|---|---|---|---|
//! | ready | yes | yes | yes | yes |
//! | identifying | yes | yes | yes | no: there is no bizTid yet |
//! | shut | yes | no | no | no |
//! | failed, with an open port | yes | no | no | no |
//! | any other | no | no | no | no |
//!
//! OPEN, SHUT, a change of the configuration and what switches the module off or restarts it are
//! the session's own: it does the first, and has `shut_down` and `reconfigure` for the others.
//! After a shut-down the module may be switched off.
//!
//! # What it does by itself
//!
//! A [`Duty`] is work that goes on while the session is ready and has nothing else to do, such as
//! sending what was kept for the module: `attach` it to the session of either client. It is served
//! as soon as the session is ready, again after each [`nudge`](Machine::nudge), and at the times it
//! asks for; while it has nothing to do it costs nothing. Its commands pass under the rules of the
//! table, one at a time, behind those of callers, and the session learns from their outcome as from
//! a caller's: after an answer that says that the SDK is not initialised it comes back to ready. A
//! duty always gets the end of a command that it sent, whatever happened meanwhile, and is told
//! what became of the module's memory: [`Notice`].
//!
//! # What is known of a command that was cut off
//!
//! The session changes nothing about that: a SIGN or REP during which the port went away or the
//! module restarted ends with [`Certainty::Unknown`](crate::engine::Certainty::Unknown) if a byte
//! of it had left, and the session never sends it again by itself.

mod backoff;
mod core;
mod demand;
mod duty;
mod event;
mod health;
mod machine;
mod observe;
mod permit;
mod phase;
mod plan;
mod scheduler;
mod sdk;
mod state;

mod bring_up;
mod configure;
mod connect;
mod identify;
mod open;
mod ready;
mod restart;
mod shut_down;
mod synchronise;

pub use backoff::Backoff;
pub use duty::{Duty, Notice, Standing};
pub use event::{Event, Warning};
pub use health::{Counters, Health};
pub use machine::{Machine, Pass, Step};
pub use permit::NotAllowed;
pub use plan::{
    HeldReports, KEEP_ALIVE, Plan, RESTART_LIMIT, Restart, SYNCHRONISE_ATTEMPTS, ShutDown,
};
pub use state::{State, Transition};
