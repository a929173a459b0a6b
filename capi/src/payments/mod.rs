//! Payments: taking the money that a module has signed for, and giving it back. They are there with the
//! feature `payments`, and are in the header `m26pay_payments.h`.

mod desk;
mod failure;
mod journal;
mod merchant;
mod options;
mod pay;
mod purchase;
mod receipt;
mod refund;
mod settle;
mod stop;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use m26_pay::advice::Language;
use m26_pay::blocking::SessionHandle;
use m26_pay::campus::guard::Now;
use m26_pay::engine::Certainty;
use m26_pay::gateway::alipay::Merchant;
use m26_pay::gateway::alipay::settle::{Next, Settle, SettlePolicy};
use m26_pay::gateway::journal::{Holder, Journal, MemoryJournal};
use m26_pay::gateway::{Http, Payments, Settlement, Stop};
use m26_pay::outbox::OutboxJournal;
use m26_pay::till::Till;

pub use journal::*;
pub use options::*;
pub use pay::*;
pub use purchase::*;
pub use receipt::*;
pub use refund::*;
pub use settle::*;
pub use stop::*;

use crate::boundary::enter;
use crate::failure::{Failure, language};
use crate::module::{self, in_use};
use crate::outbox;
use crate::pointer::{self, Out};
use crate::registry;
use crate::session::session;
use crate::status::{M26PAY_INVALID, m26pay_status};
use crate::text;
use desk::Desk;
use receipt::Account;

/// A till: it takes payments, and gives money back.
///
/// With a module it sells to one customer at a time: a call while another one is under way is
/// `M26PAY_IN_USE`. Without one, any number of threads may use it at once; no two of them work on the same
/// order.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_payments {
    /// For the library. 0 is no payments.
    pub id: u64,
}

/// Makes payments. Nothing is sent. `payments` is to be freed by `m26pay_payments_free`.
///
/// With a module its session gets the outbox: `m26pay_outbox_attach` is not called for it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_payments_new(
    options: *const m26pay_payments_options,
    payments: *mut m26pay_payments,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("payments", payments) }?;
        // SAFETY: the header asks it of the caller.
        let options = unsafe { pointer::options("options", options) }?;
        // SAFETY: the header asks it of the caller.
        let kept = unsafe { Kept::new(&options) }?;
        to.write(m26pay_payments { id: registry::add(kept).get() });
        Ok(())
    })
}

/// Frees payments. A call that is under way goes on to its end. What is open stays in the journal, for the next
/// run. No payments (`id` 0) are freed as NULL is by `free`: nothing happens.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_payments_free(payments: m26pay_payments) -> m26pay_status {
    enter(|| registry::free::<Kept>(payments.id))
}

/// What the registry keeps for payments.
struct Kept {
    merchant: Merchant,
    /// What the journal has can be read while a payment is under way.
    journal: Arc<dyn Journal>,
    language: Language,
    kind: Kind,
    /// When the first of those that stayed open since the last settling is to be asked for. A lock of its
    /// own: an outcome is told while another thread settles.
    ask_at: Mutex<Option<Instant>>,
}

enum Kind {
    /// Nothing is signed.
    Alone { payments: Payments<Http, Arc<dyn Journal>>, settle: Mutex<Settle> },
    /// With a session that signs and reports.
    Till(Mutex<SessionTill>),
}

type SessionTill = Till<Payments<Http, OutboxJournal>, SessionHandle>;

impl Kept {
    /// # Safety
    /// As [`text::text`] for the texts in it.
    unsafe fn new(options: &m26pay_payments_options) -> Result<Self, Failure> {
        let language = language(options.language)?;
        // SAFETY: as the caller promises.
        let holder = unsafe { text::text("holder", options.holder) }?;
        if holder.is_empty() {
            return Err(Failure::misuse(M26PAY_INVALID, "holder is empty: give the till a name"));
        }
        // SAFETY: as the caller promises.
        let maker = Maker { merchant: unsafe { merchant::merchant(options) }?, holder, options };
        let (journal, kind) = match (options.in_memory, options.outbox.id, options.module.id) {
            (0, _, 0) => maker.alone(OutboxJournal::new(&outbox::get(options.outbox)?)),
            (0, _, _) => {
                let journal = OutboxJournal::new(&outbox::get(options.outbox)?);
                let session = session(&*module::get(options.module)?)?.handle()?;
                maker.till(journal, session)
            }
            (_, 0, 0) => maker.alone(MemoryJournal::new()),
            _ => return Err(Failure::misuse(M26PAY_INVALID, IN_MEMORY)),
        };
        Ok(Self { merchant: maker.merchant, journal, language, kind, ask_at: Mutex::default() })
    }

    /// Does something for which no module is needed.
    fn with<T>(&self, work: impl FnOnce(&dyn Desk) -> Result<T, Failure>) -> Result<T, Failure> {
        match &self.kind {
            Kind::Alone { payments, .. } => work(payments),
            Kind::Till(till) => work(lock(till)?.payments()),
        }
    }

    /// Something was done: its receipt. What stays open is to be asked for.
    fn over(&self, account: &Account<'_>, to: Out<m26pay_receipt>) -> m26pay_status {
        let now = Now::read().monotonic;
        if let Some(at) = account.ask_after().and_then(|after| now.checked_add(after)) {
            let mut ask_at = self.ask_at();
            *ask_at = Some(ask_at.map_or(at, |first| first.min(at)));
        }
        to.write(account.keep(self.language));
        account.outcome()
    }

    fn settle(&self, stop: &Stop) -> Result<Settlement, Failure> {
        let ask_at = self.ask_at().take();
        // It finds what is open by itself.
        let settled = match &self.kind {
            Kind::Alone { payments, settle } => {
                lock(settle).and_then(|mut settle| Ok(payments.settle_due(&mut settle, stop)?))
            }
            Kind::Till(till) => lock(till).and_then(|mut till| Ok(till.settle(stop)?)),
        };
        if settled.is_err() {
            self.ask_at().get_or_insert_with(|| ask_at.unwrap_or_else(|| Now::read().monotonic));
        }
        settled
    }

    /// When to settle next.
    fn next_settle(&self, now: Instant) -> Result<Option<Instant>, Failure> {
        let next = match &self.kind {
            Kind::Till(till) => lock(till)?.next_settle(now),
            Kind::Alone { settle, .. } => match lock(settle)?.next(now) {
                Next::Ask(_) => Some(now),
                Next::Rest(until) => Some(until),
                Next::Nothing => None,
            },
        };
        Ok(next.into_iter().chain(*self.ask_at()).min())
    }

    fn ask_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.ask_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Makes payments of either kind.
struct Maker<'a> {
    merchant: Merchant,
    holder: &'a str,
    options: &'a m26pay_payments_options,
}

impl Maker<'_> {
    fn alone(&self, journal: impl Journal + 'static) -> (Arc<dyn Journal>, Kind) {
        let journal: Arc<dyn Journal> = Arc::new(journal);
        let payments = self.payments(Arc::clone(&journal));
        let settle = Settle::new(Arc::clone(payments.identity()), SettlePolicy::default());
        (journal, Kind::Alone { payments, settle: Mutex::new(settle) })
    }

    fn till(&self, journal: OutboxJournal, session: SessionHandle) -> (Arc<dyn Journal>, Kind) {
        let till = Till::new(self.payments(journal.clone()), session)
            .patience(Duration::from_millis(self.options.sign_within));
        (Arc::new(journal), Kind::Till(Mutex::new(till)))
    }

    fn payments<J: Journal>(&self, journal: J) -> Payments<Http, J> {
        let proxy = self.options.use_proxy != 0;
        let http = if proxy { Http::with_proxy_from_environment() } else { Http::new() };
        Payments::new(self.merchant.clone(), http, journal, Holder::new(self.holder))
            .policy(self.options.policy())
            .deadlines(self.options.deadlines())
    }
}

/// The payments of a handle.
fn get(payments: m26pay_payments) -> Result<Arc<Kept>, Failure> {
    registry::get(payments.id)
}

/// What one thread at a time may use.
fn lock<T>(of: &Mutex<T>) -> Result<MutexGuard<'_, T>, Failure> {
    match of.try_lock() {
        Ok(guard) => Ok(guard),
        Err(TryLockError::Poisoned(guard)) => Ok(PoisonError::into_inner(guard)),
        // What the other thread has begun may be the order of this call.
        Err(TryLockError::WouldBlock) => Err(in_use().certainty(Certainty::Unknown)),
    }
}

const IN_MEMORY: &str =
    "in_memory is set, and an outbox or a module is given: orders are kept in one of them";
