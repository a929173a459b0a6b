//! How a session is.

use m26_pay::engine::InputErrors;
use m26_pay::session::{Counters, Health};

use super::calls::with;
use super::link::Working;
use crate::boundary::enter;
use crate::event::{m26pay_session_state, state};
use crate::m26::{m26pay_registration, m26pay_signal};
use crate::memory::{Texts, m26pay_memory};
use crate::module::m26pay_module;
use crate::pointer::Out;
use crate::status::m26pay_status;
use crate::text::m26pay_str;

/// How often things happened since a session began.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_counters {
    /// Commands that callers have sent.
    pub commands: u64,
    /// Of these, the ones that failed.
    pub failures: u64,
    /// Commands that were not let through.
    pub not_allowed: u64,
    /// Lines that belong to no command.
    pub urcs: u64,
    /// Answers that came too late.
    pub late: u64,
    /// Results that nothing asked for.
    pub strays: u64,
    /// Events that were dropped.
    pub missed: u64,
    /// Restarts of the module that were seen.
    pub resets: u64,
    /// Restarts of the module that the session made.
    pub restarts: u64,
    /// How often the module fell silent.
    pub silences: u64,
    /// How often the port was lost.
    pub disconnects: u64,
    /// How often the port was opened.
    pub connects: u64,
    /// How often the session became ready.
    pub ready: u64,
}

/// How often bytes from the module were lost or damaged on their way since a session began, as the driver
/// of the port has counted it; all 0 if it does not count. The names are those of Linux
/// (`struct serial_icounter_struct`).
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_input_errors {
    /// The chip had no room for a byte.
    pub overrun: u32,
    /// The kernel had no room for bytes.
    pub buf_overrun: u32,
    /// A byte did not end as it must: noise, or another baud rate.
    pub frame: u32,
    /// A byte with a wrong parity bit.
    pub parity: u32,
    /// The line was low for longer than a byte.
    pub brk: u32,
}

/// How a session is: a copy that is out of date the moment it is made. It holds no secret. `memory` is to be
/// freed by `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_health {
    /// Where the session stands.
    pub state: m26pay_session_state,
    /// The model and firmware of the module, once it was asked; else (NULL, 0).
    pub module: m26pay_str,
    /// The last error, whoever met it; (NULL, 0) if there was none.
    pub last_error: m26pay_str,
    /// The strength of the signal when it was last asked for.
    pub signal: m26pay_signal,
    /// The registration in the network, as last heard.
    pub gsm: m26pay_registration,
    /// The registration for packet data, as last heard.
    pub gprs: m26pay_registration,
    /// Whether the bizTid is known.
    pub identified: bool,
    /// Whether the module may hold reports that were not delivered.
    pub may_hold_reports: bool,
    /// What was lost or damaged on the line.
    pub input_errors: m26pay_input_errors,
    /// How often things happened.
    pub counters: m26pay_counters,
    /// Where the texts live.
    pub memory: m26pay_memory,
}

/// How a session is. `health->memory` is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_session_health(
    module: m26pay_module,
    health: *mut m26pay_health,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("health", health) }?;
        let health = with(module, |working| match working {
            Working::Alone(session) => Ok(session.health()),
            Working::Threaded(it) => Ok(it.handle.health()),
        })?;
        to.write(m26pay_health::from(&health));
        Ok(())
    })
}

impl From<&Health> for m26pay_health {
    fn from(health: &Health) -> Self {
        let mut texts = Texts::default();
        let module = health.module.as_ref().map(|module| texts.add(&module.to_string()));
        let last_error = health.last_error.as_deref().map(|error| texts.add(error));
        let placed = texts.keep();
        Self {
            state: state(health.state),
            module: placed.optional(module),
            last_error: placed.optional(last_error),
            signal: health.signal.into(),
            gsm: health.gsm.into(),
            gprs: health.gprs.into(),
            identified: health.identified,
            may_hold_reports: health.may_hold_reports,
            input_errors: health.input_errors.into(),
            counters: health.counters.into(),
            memory: placed.memory,
        }
    }
}

impl From<InputErrors> for m26pay_input_errors {
    fn from(errors: InputErrors) -> Self {
        Self {
            overrun: errors.overrun,
            buf_overrun: errors.buf_overrun,
            frame: errors.frame,
            parity: errors.parity,
            brk: errors.brk,
        }
    }
}

impl From<Counters> for m26pay_counters {
    fn from(counters: Counters) -> Self {
        Self {
            commands: counters.commands,
            failures: counters.failures,
            not_allowed: counters.not_allowed,
            urcs: counters.urcs,
            late: counters.late,
            strays: counters.strays,
            missed: counters.missed,
            resets: counters.resets,
            restarts: counters.restarts,
            silences: counters.silences,
            disconnects: counters.disconnects,
            connects: counters.connects,
            ready: counters.ready,
        }
    }
}
