//! Who sends what is in an outbox: a session by itself, or a client when it is told to.

use std::ffi::c_void;
use std::sync::Arc;

use m26_pay::alipay::Opened;
use m26_pay::outbox::End;

use super::{get, m26pay_outbox};
use crate::boundary::enter;
use crate::flows::{m26pay_progress, tell};
use crate::module::{self, m26pay_module};
use crate::pointer::Out;
use crate::session::session;
use crate::status::m26pay_status;

/// Why a drain ended.
pub type m26pay_drain_end = i32;

/// Nothing is pending any more.
pub const M26PAY_DRAIN_EMPTY: m26pay_drain_end = 0;
/// The time it was given is over.
pub const M26PAY_DRAIN_OUT_OF_PATIENCE: m26pay_drain_end = 1;
/// The SDK is not initialised: open it again and drain again.
pub const M26PAY_DRAIN_NOT_INITIALISED: m26pay_drain_end = 2;
/// The port went away.
pub const M26PAY_DRAIN_DISCONNECTED: m26pay_drain_end = 3;
/// For a reason that this version has no number for.
pub const M26PAY_DRAIN_OTHER: m26pay_drain_end = 4;

/// What happened to a module that a client reaches. A session tells its outbox by itself.
pub type m26pay_module_notice = i32;

/// `m26pay_open` opened the SDK now.
pub const M26PAY_MODULE_OPENED: m26pay_module_notice = 0;
/// `m26pay_open` found it open already.
pub const M26PAY_MODULE_OPEN_ALREADY: m26pay_module_notice = 1;
/// `m26pay_shut` was confirmed.
pub const M26PAY_MODULE_CLOSED: m26pay_module_notice = 2;
/// The module was reset, or is going off.
pub const M26PAY_MODULE_RESTARTED: m26pay_module_notice = 3;
/// The configuration is about to be changed, which has the SDK discard what it holds.
pub const M26PAY_MODULE_CACHE_DISCARDED: m26pay_module_notice = 4;

/// What a drain has done.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_drained {
    /// Reports that the module took and holds.
    pub held: u64,
    /// Reports that the module took and holds in memory alone.
    pub ram_only: u64,
    /// Reports that failed for too long and stepped aside.
    pub parked: u64,
    /// Reports that were refused for good.
    pub rejected: u64,
    /// Reports that are still pending.
    pub left: u64,
    /// Why it ended.
    pub end: m26pay_drain_end,
}

/// Has a session send what is in an outbox, now and whenever something is appended. Best before the session
/// works for the first time. One session at a time. A session without a thread of its own sends while it
/// works.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_outbox_attach(
    outbox: m26pay_outbox,
    module: m26pay_module,
) -> m26pay_status {
    enter(|| {
        let outbox = get(outbox)?;
        let module = module::get(module)?;
        session(&module)?.attach(outbox.duty())?;
        // The outbox may live longer than the session, and must not keep it running.
        let module = Arc::downgrade(&module);
        outbox.on_append(move || {
            if let Some(session) = module.upgrade().as_ref().and_then(|module| module.session()) {
                session.nudge();
            }
        });
        Ok(())
    })
}

/// Has a client send what is pending, in order, at most so many milliseconds, or `M26PAY_FOREVER`, in which
/// case it waits where the module has no room. Its SDK has to be open. `drained` is what was done;
/// `progress` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_drain(
    outbox: m26pay_outbox,
    module: m26pay_module,
    milliseconds: u64,
    progress: m26pay_progress,
    progress_user: *mut c_void,
    drained: *mut m26pay_drained,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("drained", drained) }?;
        let mut drain = get(outbox)?.drain();
        if let Some(patience) = crate::time::timeout(milliseconds) {
            drain = drain.patience(patience);
        }
        let done = module::run(module, drain, &mut |told| {
            // SAFETY: the header asks it of the caller.
            unsafe { tell(progress, progress_user, &told) }
        })??;
        to.write(m26pay_drained {
            held: done.held,
            ram_only: done.ram_only,
            parked: done.parked,
            rejected: done.rejected,
            left: done.left,
            end: match done.end {
                End::Empty => M26PAY_DRAIN_EMPTY,
                End::OutOfPatience => M26PAY_DRAIN_OUT_OF_PATIENCE,
                End::NotInitialised => M26PAY_DRAIN_NOT_INITIALISED,
                End::Disconnected => M26PAY_DRAIN_DISCONNECTED,
                _ => M26PAY_DRAIN_OTHER,
            },
        });
        Ok(())
    })
}

/// Tells an outbox what happened to the module that a client reaches. `again` is how many reports are
/// pending again because the module may have lost them; it may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_notice(
    outbox: m26pay_outbox,
    notice: m26pay_module_notice,
    again: *mut u64,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::optional("again", again) }?;
        let outbox = get(outbox)?;
        let pending = match notice {
            M26PAY_MODULE_OPENED => outbox.module_opened(Opened::Now)?,
            M26PAY_MODULE_OPEN_ALREADY => outbox.module_opened(Opened::Already)?,
            M26PAY_MODULE_CLOSED => outbox.module_closed().map(|()| 0)?,
            M26PAY_MODULE_RESTARTED => outbox.module_restarted()?,
            M26PAY_MODULE_CACHE_DISCARDED => outbox.cache_discarded()?,
            other => {
                return Err(crate::failure::Failure::unknown_value("m26pay_module_notice", other));
            }
        };
        if let Some(to) = to {
            to.write(pending);
        }
        Ok(())
    })
}
