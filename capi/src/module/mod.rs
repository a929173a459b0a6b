//! A module, as a client or a session reaches it.

pub(crate) mod ask;
mod client;
pub(crate) mod steps;

use std::any::Any;
use std::cell::Cell;
use std::time::Duration;

use m26_pay::at::command::Command;
use m26_pay::flows::{Flow, Progress};

pub use client::*;
pub(crate) use client::{earlier, profile};

use crate::boundary::enter;
use crate::event::Told;
use crate::failure::Failure;
use crate::pointer::Out;
use crate::registry::{self, Id};
use crate::session::SessionLink;
use crate::status::{M26PAY_IN_USE, m26pay_status};
use ask::{Ask, Asked};
use steps::{Ran, Steps};

/// A module, as a client or a session reaches it. Commands are the same for both.
///
/// A handle may be used from any thread, from one at a time: a call while another one is under way is
/// `M26PAY_IN_USE`. A session that has a thread of its own serves any number of threads at once.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_module {
    /// For the library. 0 is no module.
    pub id: u64,
}

/// Closes the port and frees the module. The module itself stays as it is: `m26pay_shut` and
/// `m26pay_power_off` come before. While another thread uses the handle it is `M26PAY_IN_USE`, and
/// stays valid. No module (`id` 0) is freed as NULL is by `free`: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_module_free(module: m26pay_module) -> m26pay_status {
    enter(|| {
        let Some(id) = Id::new(module.id) else { return Ok(()) };
        get(module)?.close()?;
        registry::remove::<Module>(id).map(drop)
    })
}

/// How long a command may take, in milliseconds; 0 is as long as its documented deadlines allow.
///
/// With a client that is the exchange, from its first byte sent to its last line. With a session it is
/// the whole call: to wait until the session is ready, and the exchange.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_module_set_timeout(
    module: m26pay_module,
    milliseconds: u64,
) -> m26pay_status {
    enter(|| {
        let timeout = Duration::from_millis(milliseconds);
        get(module)?.set_timeout(Some(timeout).filter(|timeout| !timeout.is_zero()))
    })
}

/// What the registry keeps for a module. Which kind it is is known at run time only, so that a program
/// without a session does not link one.
pub(crate) struct Module(Box<dyn Link>);

/// What a client and a session have in common.
pub(crate) trait Link: Any + Send + Sync {
    /// Sends a command and takes its answer.
    fn send(&self, ask: &dyn Ask) -> Result<(), Failure>;

    /// Runs a flow to its end.
    fn run(&self, flow: &mut dyn Steps, told: &mut dyn FnMut(Progress)) -> Result<(), Failure>;

    /// The next event.
    fn next_event(&self, timeout: Option<Duration>) -> Result<Option<Told>, Failure>;

    /// The session, if it is one, which brings the module up and tells late signatures by itself.
    fn session(&self) -> Option<&SessionLink> {
        None
    }

    fn set_timeout(&self, timeout: Option<Duration>) -> Result<(), Failure>;

    /// Gives the port back, unless another thread uses it.
    fn close(&self) -> Result<(), Failure>;
}

impl std::ops::Deref for Module {
    type Target = dyn Link;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

/// The module of a handle.
#[inline]
pub(crate) fn get(module: m26pay_module) -> Result<std::sync::Arc<Module>, Failure> {
    registry::get(module.id)
}

/// Sends a command and waits for its answer.
pub(crate) fn send<C: Command>(module: m26pay_module, command: C) -> Result<C::Response, Failure> {
    let answer = Cell::new(None);
    get(module)?.send(&Asked { command, taken: |it| answer.set(Some(it)) })?;
    answer.into_inner().ok_or_else(Failure::panicked)
}

/// Sends a command, and gives its answer as C has it. Where it goes is looked at before.
///
/// # Safety
/// As [`Out::new`].
pub(crate) unsafe fn ask<C: Command, T>(
    module: m26pay_module,
    what: &str,
    to: *mut T,
    command: C,
    to_c: impl Fn(C::Response) -> T,
) -> m26pay_status {
    enter(|| {
        // SAFETY: as the caller promises.
        let to = unsafe { Out::new(what, to) }?;
        get(module)?.send(&Asked { command, taken: |it| to.write(to_c(it)) })
    })
}

/// Runs a flow to its end.
pub(crate) fn run<F: Flow>(
    module: m26pay_module,
    flow: F,
    told: &mut dyn FnMut(Progress),
) -> Result<F::Output, Failure> {
    let mut ran = Ran::new(flow);
    get(module)?.run(&mut ran, told)?;
    ran.output()
}

pub(crate) fn add(link: impl Link) -> m26pay_module {
    m26pay_module { id: registry::add(Module(Box::new(link))).get() }
}

#[cold]
pub(crate) fn in_use() -> Failure {
    Failure::misuse(M26PAY_IN_USE, "another thread is using the handle: wait for it")
}
