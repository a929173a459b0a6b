//! What only a session can do.

use std::time::Duration;

use m26_pay::session::{HeldReports, ShutDown};

use super::link::{SessionLink, Working};
use crate::alipay::{self, m26pay_config};
use crate::boundary::enter;
use crate::event::{self, m26pay_session_state};
use crate::failure::Failure;
use crate::module::{self, Module, m26pay_module};
use crate::pointer::Out;
use crate::status::{M26PAY_WRONG_KIND, m26pay_status};

/// How far a shut-down goes.
pub type m26pay_shut_down = i32;

/// The SDK is closed, and the module stays on.
pub const M26PAY_SHUT_DOWN_SDK: m26pay_shut_down = 0;
/// The SDK is closed, if it is open, and the module is switched off.
pub const M26PAY_SHUT_DOWN_POWER_OFF: m26pay_shut_down = 1;

/// What becomes of the reports that the module may hold: a change of its configuration discards them.
pub type m26pay_held_reports = i32;

/// The change is refused if the module may hold reports.
pub const M26PAY_HELD_REPORTS_KEEP: m26pay_held_reports = 0;
/// The change is made, and what the module holds is lost.
pub const M26PAY_HELD_REPORTS_DISCARD: m26pay_held_reports = 1;

/// Gives a session a thread of its own, in which it works from now on. Any number of threads may then use
/// the handle at once.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_session_start(module: m26pay_module) -> m26pay_status {
    enter(|| session(&*module::get(module)?)?.start())
}

/// Where a session stands.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_session_get_state(
    module: m26pay_module,
    state: *mut m26pay_session_state,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("state", state) }?;
        to.write(with(module, |working| match working {
            Working::Alone(session) => Ok(event::state(session.state())),
            Working::Threaded(it) => Ok(event::state(it.handle.state())),
        })?);
        Ok(())
    })
}

/// Waits until a session is ready, at most so many milliseconds. `M26PAY_BUSY` if it is not ready then, or
/// has given up; `m26pay_last_error` says why.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_session_wait_ready(
    module: m26pay_module,
    milliseconds: u64,
) -> m26pay_status {
    let within = Duration::from_millis(milliseconds);
    enter(|| {
        with(module, |working| match working {
            Working::Alone(session) => Ok(session.wait_ready(within)?),
            Working::Threaded(it) => Ok(it.handle.wait_ready(within)?),
        })
    })
}

/// Closes the SDK in order, and switches the module off if that is wanted. Commands of the SDK are refused
/// from then on, until `m26pay_session_resume`.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_session_shut_down(
    module: m26pay_module,
    how: m26pay_shut_down,
) -> m26pay_status {
    enter(|| {
        let how = match how {
            M26PAY_SHUT_DOWN_SDK => ShutDown::CloseSdk,
            M26PAY_SHUT_DOWN_POWER_OFF => ShutDown::PowerOff,
            other => return Err(Failure::unknown_value("m26pay_shut_down", other)),
        };
        with(module, |working| match working {
            Working::Alone(session) => Ok(session.shut_down(how)?),
            Working::Threaded(it) => Ok(it.handle.shut_down(how)?),
        })
    })
}

/// Gives the module another configuration, and brings the session to ready again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_session_reconfigure(
    module: m26pay_module,
    config: *const m26pay_config,
    held: m26pay_held_reports,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let config = unsafe { alipay::config(config) }?;
        let held = held_reports(held)?;
        with(module, |working| match working {
            Working::Alone(session) => Ok(session.reconfigure(config, held)?),
            Working::Threaded(it) => Ok(it.handle.reconfigure(config, held)?),
        })
    })
}

/// Begins again after `M26PAY_STATE_FAILED` or `M26PAY_STATE_SHUT`.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_session_resume(module: m26pay_module) -> m26pay_status {
    enter(|| {
        with(module, |working| {
            match working {
                Working::Alone(session) => session.resume(),
                Working::Threaded(it) => it.handle.resume(),
            }
            Ok(())
        })
    })
}

/// There may be something to do, such as for an outbox: the session looks at once.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_session_nudge(module: m26pay_module) -> m26pay_status {
    enter(|| {
        session(&*module::get(module)?)?.nudge();
        Ok(())
    })
}

pub(super) fn held_reports(held: m26pay_held_reports) -> Result<HeldReports, Failure> {
    match held {
        M26PAY_HELD_REPORTS_KEEP => Ok(HeldReports::Keep),
        M26PAY_HELD_REPORTS_DISCARD => Ok(HeldReports::Discard),
        other => Err(Failure::unknown_value("m26pay_held_reports", other)),
    }
}

/// Does something with the session of a handle.
pub(super) fn with<T>(
    module: m26pay_module,
    work: impl FnOnce(Working<'_>) -> Result<T, Failure>,
) -> Result<T, Failure> {
    session(&*module::get(module)?)?.with(work)
}

/// The session of a module, unless it is a client.
pub(crate) fn session(module: &Module) -> Result<&SessionLink, Failure> {
    module.session().ok_or_else(|| {
        Failure::misuse(
            M26PAY_WRONG_KIND,
            "the module is reached by a client, and not by a session",
        )
    })
}
