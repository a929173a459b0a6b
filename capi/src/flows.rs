//! Several commands as one, for clients: a session does them by itself.

use std::ffi::c_void;

use m26_pay::flows::{BringUp, BroughtUp, Configure, Configured, Progress};
use m26_pay::m26::NtpServer;

use crate::alipay::{self, m26pay_config};
use crate::boundary::enter;
use crate::m26::{self, m26pay_clock, m26pay_registration, m26pay_signal};
use crate::memory::{Texts, m26pay_memory};
use crate::module::{m26pay_module, run};
use crate::pointer::{self, Options, Out};
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// Is told how far something is: in which step, and the text, which holds no secret, lives as long as the
/// call. It may be NULL. It is called by the thread that called, which has the module in use meanwhile.
pub type m26pay_progress = Option<unsafe extern "C" fn(text: *const m26pay_str, user: *mut c_void)>;

/// How a module is brought up. Begin with `m26pay_bring_up_options_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_bring_up_options {
    /// The size of this structure, which `m26pay_bring_up_options_init` writes.
    pub size: usize,
    /// The access point of the SIM's operator; without (NULL, 0), the module's own setting stays.
    pub apn: m26pay_str,
    /// The account at the access point: none.
    pub user: m26pay_str,
    /// Its password: none. It is a secret.
    pub password: m26pay_str,
    /// The server that the module's clock is set from; without (NULL, 0), the clock is only read.
    pub time_server: m26pay_str,
    /// Is told how far it is: NULL.
    pub progress: m26pay_progress,
    /// What `progress` is called with.
    pub progress_user: *mut c_void,
}

/// What was found while a module was brought up. `memory` is to be freed by `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_brought_up {
    /// The model, such as "Quectel_M26".
    pub model: m26pay_str,
    /// The revision of the firmware.
    pub revision: m26pay_str,
    /// What was refused or not answered and no payment needs, one a line; none if all went well.
    pub shortfalls: m26pay_str,
    /// The strength of the signal.
    pub signal: m26pay_signal,
    /// The registration in the network, which calls need and payments do not.
    pub gsm: m26pay_registration,
    /// The registration for packet data.
    pub gprs: m26pay_registration,
    /// Whether the clock could be read.
    pub has_clock: bool,
    /// What the module's clock shows.
    pub clock: m26pay_clock,
    /// Whether the module finds its rate by itself, so that its restarts may go unseen.
    pub autobauds: bool,
    /// Where the texts live.
    pub memory: m26pay_memory,
}

/// What `m26pay_configure` did.
pub type m26pay_configured = i32;

/// All values were there already: nothing was set.
pub const M26PAY_CONFIGURED_UNCHANGED: m26pay_configured = 0;
/// All values were set, and read back as they should be. The SDK discarded what it held.
pub const M26PAY_CONFIGURED_SET: m26pay_configured = 1;
/// All values were set, and the module shows something else for some.
pub const M26PAY_CONFIGURED_DIFFERS: m26pay_configured = 2;

// SAFETY: it is repr(C), begins with `size`, and has pointers alone, and a function that may be NULL.
unsafe impl Options for m26pay_bring_up_options {}

/// Writes the defaults.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_bring_up_options_init(
    options: *mut m26pay_bring_up_options,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("options", options) }?;
        to.write(m26pay_bring_up_options {
            size: size_of::<m26pay_bring_up_options>(),
            apn: m26pay_str::NONE,
            user: m26pay_str::NONE,
            password: m26pay_str::NONE,
            time_server: m26pay_str::NONE,
            progress: None,
            progress_user: std::ptr::null_mut(),
        });
        Ok(())
    })
}

/// Takes a module that has just been switched on into the network, and sets its clock. Only what a payment
/// needs makes it fail. `found->memory` is to be freed; `found` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_bring_up(
    module: m26pay_module,
    options: *const m26pay_bring_up_options,
    found: *mut m26pay_brought_up,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::optional("found", found) }?;
        // SAFETY: the header asks it of the caller.
        let options = unsafe { pointer::options("options", options) }?;
        let mut bring_up = BringUp::default();
        if !options.apn.is_none() {
            // SAFETY: the header asks it of the caller.
            let access_point =
                unsafe { m26::access_point(options.apn, options.user, options.password) }?;
            bring_up = bring_up.access_point(access_point);
        }
        // SAFETY: the header asks it of the caller.
        if let Some(server) = unsafe { text::optional("time_server", options.time_server) }? {
            bring_up = bring_up.time_server(NtpServer::new(server)?);
        }
        let found = run(module, bring_up, &mut |progress| {
            // SAFETY: the header asks it of the caller.
            unsafe { tell(options.progress, options.progress_user, &progress) }
        })??;
        if let Some(to) = to {
            to.write(m26pay_brought_up::from(&found));
        }
        Ok(())
    })
}

/// Reads the configuration that the module has, and sets all of it if a value differs, which has the SDK
/// discard what it holds. `configured` is what was done; it may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_configure(
    module: m26pay_module,
    config: *const m26pay_config,
    configured: *mut m26pay_configured,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::optional("configured", configured) }?;
        // SAFETY: the header asks it of the caller.
        let config = unsafe { alipay::config(config) }?;
        let done = run(module, Configure::new(config), &mut |_| ())??;
        if let Some(to) = to {
            to.write(match done {
                Configured::Unchanged => M26PAY_CONFIGURED_UNCHANGED,
                Configured::Set { .. } => M26PAY_CONFIGURED_SET,
                Configured::Differs { .. } => M26PAY_CONFIGURED_DIFFERS,
            });
        }
        Ok(())
    })
}

/// Tells a callback of progress.
///
/// # Safety
/// `told` may be called with `user`.
pub(crate) unsafe fn tell(told: m26pay_progress, user: *mut c_void, progress: &Progress) {
    let Some(told) = told else { return };
    let mut line = progress.to_string();
    let length = line.len();
    line.push('\0');
    let text = m26pay_str { data: line.as_ptr().cast(), length };
    // SAFETY: as the caller promises.
    unsafe { told(&text, user) }
}

impl From<&BroughtUp> for m26pay_brought_up {
    fn from(found: &BroughtUp) -> Self {
        let mut texts = Texts::default();
        let model = texts.add(&found.identity.model);
        let revision = texts.add(&found.identity.revision);
        let shortfalls: Vec<_> = found.shortfalls.iter().map(ToString::to_string).collect();
        let shortfalls = (!shortfalls.is_empty()).then(|| texts.add(&shortfalls.join("\n")));
        let placed = texts.keep();
        Self {
            model: placed.get(model),
            revision: placed.get(revision),
            shortfalls: placed.optional(shortfalls),
            signal: found.signal.into(),
            gsm: found.gsm.into(),
            gprs: found.gprs.into(),
            has_clock: found.clock.is_some(),
            clock: found.clock.map_or(m26pay_clock::NONE, Into::into),
            autobauds: found.autobauds(),
            memory: placed.memory,
        }
    }
}
