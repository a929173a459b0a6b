//! A client: commands, one after the other.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::blocking::{Client, SerialPort};
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::flows::{Progress, Synchronise};
use m26_pay::serial::{SerialSettings, UsbPort};

use super::ask::Ask;
use super::steps::Steps;
use super::{Link, add, in_use, m26pay_module};
use crate::boundary::enter;
use crate::event::Told;
use crate::failure::Failure;
use crate::pointer::{self, Options, Out};
use crate::registry;
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// How a client is opened. Begin with `m26pay_client_options_init`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_client_options {
    /// The size of this structure, which `m26pay_client_options_init` writes.
    pub size: usize,
    /// The path of the port, such as "/dev/ttyUSB0"; or "usb:VID:PID[:SERIAL]", the numbers in hexadecimal.
    pub port: m26pay_str,
    /// The rate, in baud: 115200.
    pub baud: u32,
    /// The manners of the firmware: `M26PAY_PROFILE_QUECTEL`.
    pub profile: m26pay_profile,
    /// Whether the module has to answer before `m26pay_client_open` returns, 0 or 1: 1.
    pub synchronise: u8,
    /// What is known of a program that was at this port before: `M26PAY_EARLIER_UNKNOWN`. Until
    /// `m26pay_open` says that the SDK was closed, a signature waits 40 s then, and a report 120 s.
    pub earlier: m26pay_earlier,
}

/// What is known of a program that was at this port before.
pub type m26pay_earlier = i32;

/// Nothing: it may have died while the module worked for it.
pub const M26PAY_EARLIER_UNKNOWN: m26pay_earlier = 0;
/// It had all its answers, or there was none.
pub const M26PAY_EARLIER_ENDED: m26pay_earlier = 1;

/// The manners of a module's firmware.
pub type m26pay_profile = i32;

/// As the spec has it.
pub const M26PAY_PROFILE_QUECTEL: m26pay_profile = 0;
/// As openLuat's driver has it.
pub const M26PAY_PROFILE_LUAT: m26pay_profile = 1;

// SAFETY: it is repr(C), begins with `size`, and has numbers and pointers alone.
unsafe impl Options for m26pay_client_options {}

/// Writes the defaults, without a port.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_client_options_init(
    options: *mut m26pay_client_options,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let options = unsafe { Out::new("options", options) }?;
        options.write(m26pay_client_options {
            size: size_of::<m26pay_client_options>(),
            port: m26pay_str::NONE,
            baud: SerialSettings::default().baud,
            profile: M26PAY_PROFILE_QUECTEL,
            synchronise: 1,
            earlier: M26PAY_EARLIER_UNKNOWN,
        });
        Ok(())
    })
}

/// Opens a port for this program alone, and waits until the module answers. `module` is to be freed by
/// `m26pay_module_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_client_open(
    options: *const m26pay_client_options,
    module: *mut m26pay_module,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let module = unsafe { Out::new("module", module) }?;
        // SAFETY: the header asks it of the caller.
        let options = unsafe { pointer::options("options", options) }?;
        // SAFETY: the header asks it of the caller.
        let path = unsafe { text::text("port", options.port) }?;
        let mut settings = Settings::new(profile(options.profile)?);
        settings.earlier = earlier(options.earlier)?;
        let path = match path.strip_prefix("usb:") {
            Some(adapter) => adapter.parse::<UsbPort>()?.find()?,
            None => path.to_owned(),
        };
        let port = SerialPort::open(&path, &SerialSettings { baud: options.baud })?;
        let mut client = Client::connect(port, settings);
        if options.synchronise != 0 {
            client.run(Synchronise::default())?;
        }
        module.write(add(ClientLink(Mutex::new(Some(client)))));
        Ok(())
    })
}

/// A client; none once it was freed.
struct ClientLink(Mutex<Option<Client>>);

impl ClientLink {
    /// The client, unless another thread has it.
    #[inline]
    fn with<T>(&self, work: impl FnOnce(&mut Client) -> Result<T, Failure>) -> Result<T, Failure> {
        work(self.lock()?.as_mut().ok_or_else(registry::stale)?)
    }

    #[inline]
    fn lock(&self) -> Result<MutexGuard<'_, Option<Client>>, Failure> {
        match self.0.try_lock() {
            Ok(client) => Ok(client),
            Err(TryLockError::Poisoned(client)) => Ok(PoisonError::into_inner(client)),
            Err(TryLockError::WouldBlock) => Err(in_use()),
        }
    }
}

impl Link for ClientLink {
    fn send(&self, ask: &dyn Ask) -> Result<(), Failure> {
        self.with(|client| Ok(client.send(&ask)?))
    }

    fn run(&self, flow: &mut dyn Steps, told: &mut dyn FnMut(Progress)) -> Result<(), Failure> {
        self.with(|client| {
            client.run_with(flow, told);
            Ok(())
        })
    }

    fn next_event(&self, timeout: Option<Duration>) -> Result<Option<Told>, Failure> {
        self.with(|client| Ok(client.next_event(timeout)?.as_ref().map(Told::from)))
    }

    fn set_timeout(&self, timeout: Option<Duration>) -> Result<(), Failure> {
        self.with(|client| {
            client.set_timeout(timeout);
            Ok(())
        })
    }

    fn close(&self) -> Result<(), Failure> {
        drop(self.lock()?.take());
        Ok(())
    }
}

pub(crate) fn earlier(earlier: m26pay_earlier) -> Result<EarlierProgram, Failure> {
    match earlier {
        M26PAY_EARLIER_UNKNOWN => Ok(EarlierProgram::Unknown),
        M26PAY_EARLIER_ENDED => Ok(EarlierProgram::Ended),
        other => Err(Failure::unknown_value("m26pay_earlier", other)),
    }
}

pub(crate) fn profile(profile: m26pay_profile) -> Result<Profile, Failure> {
    match profile {
        M26PAY_PROFILE_QUECTEL => Ok(Profile::quectel()),
        M26PAY_PROFILE_LUAT => Ok(Profile::luat()),
        other => Err(Failure::unknown_value("m26pay_profile", other)),
    }
}
