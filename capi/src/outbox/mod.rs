//! The outbox: what must reach the cloud is kept on disk until it has.

mod append;
mod item;
mod payment;
mod sending;

use m26_pay::outbox::{Limits, Outbox, OutboxPolicy, Reached, Resend};

pub use append::*;
pub use item::*;
pub use payment::*;
pub use sending::*;

use crate::boundary::enter;
use crate::failure::Failure;
use crate::pointer::{self, Options, Out};
use crate::registry;
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// An outbox: a file in which reports and payments are kept until they are delivered. Any number of threads
/// may use it at once.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_outbox {
    /// For the library. 0 is no outbox.
    pub id: u64,
}

/// What is sent again when the module was reset, or its cache discarded, before the SDK was shut in order.
pub type m26pay_resend = i32;

/// Nothing.
pub const M26PAY_RESEND_NOTHING: m26pay_resend = 0;
/// What the module held in memory alone, which a reset is known to lose.
pub const M26PAY_RESEND_RAM_ONLY: m26pay_resend = 1;
/// Everything that was taken in this boot; some of it may reach the cloud twice.
pub const M26PAY_RESEND_THIS_BOOT: m26pay_resend = 2;

/// How an outbox is opened. Begin with `m26pay_outbox_options_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_outbox_options {
    /// The size of this structure, which `m26pay_outbox_options_init` writes.
    pub size: usize,
    /// The path of the file, which is made if it is not there.
    pub path: m26pay_str,
    /// How many items of a kind may wait: 100000. 0 is no limit.
    pub waiting_limit: u64,
    /// Whether the oldest report is dropped where the limit is reached, 0 or 1: 0, an append fails then.
    pub drop_oldest: u8,
    /// What is sent again when the module may have lost it: `M26PAY_RESEND_RAM_ONLY`.
    pub resend: m26pay_resend,
    /// Another number for each terminal, such as its serial number, so that not all try again at once: 0.
    pub seed: u64,
}

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone.
unsafe impl Options for m26pay_outbox_options {}

/// Writes the defaults, without a path.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_options_init(
    options: *mut m26pay_outbox_options,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("options", options) }?;
        to.write(m26pay_outbox_options {
            size: size_of::<m26pay_outbox_options>(),
            path: m26pay_str::NONE,
            waiting_limit: Limits::default().waiting.unwrap_or_default(),
            drop_oldest: 0,
            resend: M26PAY_RESEND_RAM_ONLY,
            seed: 0,
        });
        Ok(())
    })
}

/// Opens an outbox. What was being sent when the last program ended is pending again. `outbox` is to be freed
/// by `m26pay_outbox_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_outbox_open(
    options: *const m26pay_outbox_options,
    outbox: *mut m26pay_outbox,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("outbox", outbox) }?;
        // SAFETY: the header asks it of the caller.
        let options = unsafe { pointer::options("options", options) }?;
        // SAFETY: the header asks it of the caller.
        let path = unsafe { text::text("path", options.path) }?;
        let opened = Outbox::open(path, policy(&options)?)?;
        to.write(m26pay_outbox { id: registry::add(Kept(opened)).get() });
        Ok(())
    })
}

/// Frees an outbox. Its file is closed once the sessions to which it is attached, and the checkouts and payments
/// that record in it, are freed as well. No outbox (`id` 0) is freed as NULL is by `free`: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_outbox_free(outbox: m26pay_outbox) -> m26pay_status {
    enter(|| registry::free::<Kept>(outbox.id))
}

/// What the registry keeps for an outbox.
struct Kept(Outbox);

/// The outbox of a handle.
pub(crate) fn get(outbox: m26pay_outbox) -> Result<Outbox, Failure> {
    Ok(registry::get::<Kept>(outbox.id)?.0.clone())
}

fn policy(options: &m26pay_outbox_options) -> Result<OutboxPolicy, Failure> {
    let mut policy = OutboxPolicy::default();
    policy.backoff.seed = options.seed;
    policy.limits.waiting = (options.waiting_limit != 0).then_some(options.waiting_limit);
    if options.drop_oldest != 0 {
        policy.limits.reached = Reached::DropOldest;
    }
    policy.resend = match options.resend {
        M26PAY_RESEND_NOTHING => Resend::Nothing,
        M26PAY_RESEND_RAM_ONLY => Resend::RamOnly,
        M26PAY_RESEND_THIS_BOOT => Resend::ThisBoot,
        other => return Err(Failure::unknown_value("m26pay_resend", other)),
    };
    Ok(policy)
}
