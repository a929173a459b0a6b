//! A session: a module that is brought up, kept up and brought up again.

mod calls;
mod health;
mod host;
mod link;
mod reader;

use std::ffi::c_void;
use std::time::Duration;

use m26_pay::alipay::HumanVerify;
use m26_pay::blocking::Session;
use m26_pay::engine::Settings;
use m26_pay::m26::NtpServer;
use m26_pay::serial::{SerialHost, SerialSettings};
use m26_pay::session::{Plan, Restart};

pub(crate) use calls::session;
pub use calls::*;
pub use health::*;
pub(crate) use link::SessionLink;
pub use reader::*;

use crate::alipay::{self, m26pay_config};
use crate::boundary::enter;
use crate::failure::Failure;
use crate::m26;
use crate::module::{
    self, M26PAY_EARLIER_UNKNOWN, M26PAY_PROFILE_QUECTEL, m26pay_earlier, m26pay_module,
    m26pay_profile,
};
use crate::pointer::{self, Options, Out};
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};
use host::TerminalHost;

/// How a session may restart the module.
pub type m26pay_restart = i32;

/// Not at all: the session fails, and says that the module needs a restart.
pub const M26PAY_RESTART_NEVER: m26pay_restart = 0;
/// By the program, such as with a GPIO line to RESET or PWRKEY: `restart_host` does it.
pub const M26PAY_RESTART_HOST: m26pay_restart = 1;
/// By AT+QPOWD=1. For boards whose PWRKEY is held low, so that a module that went off comes back.
pub const M26PAY_RESTART_POWER_OFF: m26pay_restart = 2;
/// By AT+CFUN=1,1, which restarts a module that stays powered.
pub const M26PAY_RESTART_RESET: m26pay_restart = 3;

/// Restarts the module: 1 if it did, 0 if it cannot, -1 if it failed. It is called by the thread that works
/// for the session, and may not call this library.
pub type m26pay_restart_host = Option<unsafe extern "C" fn(user: *mut c_void) -> i32>;

/// What a session is to do, and what it may. Begin with `m26pay_session_options_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_session_options {
    /// The size of this structure, which `m26pay_session_options_init` writes.
    pub size: usize,
    /// The path of the port, such as "/dev/serial/by-id/..."; or "usb:VID:PID[:SERIAL]", the numbers in
    /// hexadecimal, for an adapter whose path may change.
    pub port: m26pay_str,
    /// The rate, in baud: 115200.
    pub baud: u32,
    /// The manners of the firmware: `M26PAY_PROFILE_QUECTEL`.
    pub profile: m26pay_profile,
    /// What the session is called in the log: "m26".
    pub name: m26pay_str,
    /// What the product is, which is set only if it differs: NULL, which leaves the module as it is.
    pub config: *const m26pay_config,
    /// What becomes of reports that the module may hold if the configuration differs:
    /// `M26PAY_HELD_REPORTS_KEEP`.
    pub held_reports: m26pay_held_reports,
    /// How the device verifies its customers, the sum of `M26PAY_VERIFY_...`: `M26PAY_VERIFY_QR_CODE`; 0
    /// reports nothing.
    pub human_verify: u32,
    /// The access point of the SIM's operator; without (NULL, 0), the module's own setting stays.
    pub apn: m26pay_str,
    /// The account at the access point: none.
    pub user: m26pay_str,
    /// Its password: none. It is a secret.
    pub password: m26pay_str,
    /// The server that the module's clock is set from; without (NULL, 0), the clock is only read.
    pub time_server: m26pay_str,
    /// How the module may be restarted: `M26PAY_RESTART_RESET`.
    pub restart: m26pay_restart,
    /// Restarts the module, for `M26PAY_RESTART_HOST`: NULL.
    pub restart_host: m26pay_restart_host,
    /// What `restart_host` is called with.
    pub restart_user: *mut c_void,
    /// What is known of a program that was at this port before: `M26PAY_EARLIER_UNKNOWN`.
    pub earlier: m26pay_earlier,
    /// A module that said nothing for so many milliseconds is asked whether it still answers; 0 never asks.
    pub keep_alive: u64,
    /// After how many restarts in a row the session gives up.
    pub restart_limit: u32,
}

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone, and a function that may be
// NULL.
unsafe impl Options for m26pay_session_options {}

/// Writes the defaults, without a port.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_session_options_init(
    options: *mut m26pay_session_options,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("options", options) }?;
        let plan = Plan::default();
        let keep_alive = plan.keep_alive.map_or(0, |time| time.as_millis() as u64);
        to.write(m26pay_session_options {
            size: size_of::<m26pay_session_options>(),
            port: m26pay_str::NONE,
            baud: SerialSettings::default().baud,
            profile: M26PAY_PROFILE_QUECTEL,
            name: m26pay_str::NONE,
            config: std::ptr::null(),
            held_reports: M26PAY_HELD_REPORTS_KEEP,
            human_verify: plan.human_verify.map_or(0, |verify| verify.bits()),
            apn: m26pay_str::NONE,
            user: m26pay_str::NONE,
            password: m26pay_str::NONE,
            time_server: m26pay_str::NONE,
            restart: M26PAY_RESTART_RESET,
            restart_host: None,
            restart_user: std::ptr::null_mut(),
            earlier: M26PAY_EARLIER_UNKNOWN,
            keep_alive,
            restart_limit: plan.restart_limit,
        });
        Ok(())
    })
}

/// Makes a session, which opens the port and brings the module up once it works. It works while
/// `m26pay_next_event`, `m26pay_session_wait_ready` or a command waits; or, after `m26pay_session_start`, in
/// a thread of its own. `module` is to be freed by `m26pay_module_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_session_new(
    options: *const m26pay_session_options,
    module: *mut m26pay_module,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("module", module) }?;
        // SAFETY: the header asks it of the caller.
        let options = unsafe { pointer::options("options", options) }?;
        // SAFETY: the header asks it of the caller.
        let path = unsafe { text::text("port", options.port) }?;
        // SAFETY: the header asks it of the caller.
        let name = unsafe { text::optional("name", options.name) }?;
        // SAFETY: the header asks it of the caller.
        let plan = unsafe { plan(&options) }?;
        let mut settings = Settings::new(module::profile(options.profile)?);
        if let Some(name) = name {
            settings.name = name.to_owned().into();
        }
        let serial = path.parse::<SerialHost>()?.settings(SerialSettings { baud: options.baud });
        // SAFETY: the header asks it of the caller.
        let host = unsafe { TerminalHost::new(serial, options.restart_host, options.restart_user) };
        to.write(module::add(SessionLink::new(Session::new(host, plan, settings))));
        Ok(())
    })
}

/// # Safety
/// As [`text::text`] for the texts in it, and as [`pointer::options`] for `config`.
unsafe fn plan(options: &m26pay_session_options) -> Result<Plan, Failure> {
    let mut plan = Plan {
        held_reports: held_reports(options.held_reports)?,
        human_verify: (options.human_verify != 0)
            .then(|| HumanVerify::from_bits_retain(options.human_verify)),
        restart: match options.restart {
            M26PAY_RESTART_NEVER => Restart::Never,
            M26PAY_RESTART_HOST => Restart::Host,
            M26PAY_RESTART_POWER_OFF => Restart::PowerOff,
            M26PAY_RESTART_RESET => Restart::Reset,
            other => return Err(Failure::unknown_value("m26pay_restart", other)),
        },
        earlier: module::earlier(options.earlier)?,
        keep_alive: (options.keep_alive != 0).then(|| Duration::from_millis(options.keep_alive)),
        restart_limit: options.restart_limit,
        ..Plan::default()
    };
    if !options.config.is_null() {
        // SAFETY: as the caller promises.
        plan.config = Some(unsafe { alipay::config(options.config) }?);
    }
    if !options.apn.is_none() {
        // SAFETY: as the caller promises.
        let access_point =
            unsafe { m26::access_point(options.apn, options.user, options.password) }?;
        plan.access_point = Some(access_point);
    }
    // SAFETY: as the caller promises.
    if let Some(server) = unsafe { text::optional("time_server", options.time_server) }? {
        plan.time_server = Some(NtpServer::new(server)?);
    }
    Ok(plan)
}
