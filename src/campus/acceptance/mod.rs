//! From the bytes of a scanner to a recorded payment, or an open gate, in one call.
//!
//! A [`Checkout`] takes codes for payments, a [`Gate`] lets people in. Both decode the code, compare
//! its time with the clock and have a [`Guard`] hand it out once; a checkout records the payment before
//! it says that it is accepted. A refusal is an [`AcceptError`], with a sentence for the cashier.
//!
//! ```
//! use m26_pay::advice::Language;
//! use m26_pay::campus::acceptance::{AmountLimit, CampusPayment, RecordError, PaymentRecorder, Sale, Checkout};
//! use m26_pay::campus::decoder::Pid;
//! use m26_pay::campus::guard::{Fingerprint, MemoryGuard, Now, TimeRules};
//! # use m26_pay::campus::fake::{FakeCode, FakeDecoder};
//! # use m26_pay::campus::guard::Now as Clock;
//!
//! /// What the feature `outbox` has ready; here it is a list.
//! #[derive(Debug, Default)]
//! struct Book(std::sync::Mutex<Vec<CampusPayment>>);
//!
//! impl PaymentRecorder for Book {
//!     type Receipt = usize;
//!
//!     fn record(&self, payment: &CampusPayment) -> Result<usize, RecordError> {
//!         let mut book = self.0.lock().unwrap();
//!         if book.iter().any(|known| known.code().same_code(payment.code())) {
//!             return Err(RecordError::Already);
//!         }
//!         book.push(payment.clone()); // and onto the disk
//!         Ok(book.len())
//!     }
//!
//!     fn is_recorded(&self, code: &Fingerprint) -> Option<bool> {
//!         Some(self.0.lock().unwrap().iter().any(|known| known.code().same_code(code)))
//!     }
//! }
//!
//! let pid = Pid::from_u64_be(2088000034052130);
//! # let decoder = FakeDecoder::new(|| Clock::read().wall);
//! # let scanned = FakeCode::new(Clock::read().wall).enable(pid).encode()?;
//! # let scanned = scanned.expose();
//! let guard = MemoryGuard::new(MemoryGuard::CAPACITY, TimeRules::default());
//! let checkout = Checkout::new(decoder, guard, Book::default(), pid)
//!     .policy(AmountLimit("50".parse()?));
//!
//! let sale = Sale::new("10.25".parse()?);
//! let paid = checkout.accept(scanned, &sale, Now::read())?;
//! assert_eq!(paid.receipt, 1);
//!
//! let refusal = checkout.accept(scanned, &sale, Now::read()).unwrap_err();
//! let said = refusal.for_cashier(Language::English);
//! assert_eq!(said, "Already paid with this code. For another sale ask for a new code.");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The order, and what a power cut leaves
//!
//! Success is shown at once and the data sent afterwards (spec, 5), so what was accepted must be on
//! disk by then, and nothing may be accepted twice. A checkout works in this order:
//!
//! | | step | what a power cut behind it leaves | the same code after the restart |
//! |---|---|---|---|
//! | 1 | decode | nothing | as if new |
//! | 2 | compare the time | nothing | as if new |
//! | 3 | [`Guard::claim`] | the claim, if the guard is on disk | refused as used, *not recorded*: the customer shows a new one |
//! | 4 | the [`AcceptancePolicy`]; a refusal gives the claim back | the claim, as above | as above |
//! | 5 | [`PaymentRecorder::record`] | the payment, which will be sent | refused as used, *recorded*: it is paid |
//! | 6 | `accept` returns, the till says "paid" | the payment | as above |
//!
//! So there is no point at which an accepted payment is lost, and none from which a code is accepted
//! a second time. If the power is cut between 5 and 6, a payment is recorded and not shown: the refusal
//! then tells the cashier that it is paid.
//!
//! A guard in memory forgets its claims in a restart. The record then refuses a code that it holds ([`RecordError::Already`]), as the outbox does, which keeps the key of a payment for as
//! long as one can be sent. Where no payment is recorded, as at a gate, use the guard on disk, or
//! open no earlier than [`TimeRules::keep`] after a start.
//!
//! # What the user data decides
//!
//! A payment needs `final_data` alone. A user data that does not parse does not refuse it, and is
//! reported: [`Paid::contents`]. At a gate the user data is all there is, so one that does not parse,
//! or of a template without a layout, is refused.

mod checkout;
mod error;
mod gate;
#[cfg(feature = "outbox")]
mod outbox;
mod payment;
mod policy;

use std::sync::Arc;

use crate::campus::decoder::{Code, Decoded, Decoder, Purpose};
use crate::campus::guard::{Claim, Fingerprint, Guard, GuardError, Now};
use crate::campus::layouts::{CodeContents, Layouts};
use crate::campus::user_data::UserDataError;

#[cfg(doc)]
use crate::campus::guard::TimeRules;

pub use checkout::{Checkout, Paid, PaymentRecorder, RecordError, Sale};
pub use error::AcceptError;
pub use gate::{Admitted, Gate};
pub use payment::{CampusPayment, InvalidPayload, Reference};
pub use policy::{AcceptancePolicy, AmountLimit, PolicyError, Presented};

/// What a checkout and a gate have in common.
#[derive(Debug)]
struct Entrance<D, G> {
    decoder: D,
    guard: G,
    purpose: Purpose,
    layouts: Arc<Layouts>,
    policies: Vec<Box<dyn AcceptancePolicy>>,
}

impl<D: Decoder, G: Guard> Entrance<D, G> {
    fn new(decoder: D, guard: G, purpose: Purpose) -> Self {
        let layouts = Arc::new(Layouts::provisional());
        Self { decoder, guard, purpose, layouts, policies: Vec::new() }
    }

    /// Steps 1 and 2.
    fn decode(&self, scanned: &[u8], now: Now) -> Result<(Decoded, Fingerprint), AcceptError> {
        let code = Code::new(scanned)?;
        let decoded = self.decoder.decode(&code, self.purpose)?;
        self.guard.rules().check(decoded.in_use_time, now.wall)?;
        let print = Fingerprint::of(&code, &decoded);
        Ok((decoded, print))
    }

    /// Step 3.
    fn claim(&self, code: &Fingerprint, now: Now) -> Result<Claim, GuardError> {
        self.guard.claim(code, now)
    }

    /// Step 4.
    fn judge(
        &self,
        claim: Claim,
        presented: &Presented<'_>,
        now: Now,
    ) -> Result<Claim, AcceptError> {
        match self.policies.iter().try_for_each(|policy| policy.judge(presented)) {
            Ok(()) => Ok(claim),
            Err(objection) => {
                self.give_back(claim, now);
                Err(objection.into())
            }
        }
    }

    /// So that the code can be presented again. If it fails, the code stays used until it has
    /// expired. The cashier's message does not change for that.
    fn give_back(&self, claim: Claim, now: Now) {
        if let Err(error) = self.guard.release(claim, now) {
            crate::log::warn!(%error, "a code that was refused stays claimed");
        }
    }
}

/// What is in a user data, read anew each time: that costs less than keeping it.
fn read<'a>(layouts: &'a Layouts, decoded: &'a Decoded) -> Result<CodeContents<'a>, UserDataError> {
    layouts.read(decoded.template, decoded.data_encode_type, decoded.user_data.expose())
}
