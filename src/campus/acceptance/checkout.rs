//! [`Checkout`]: takes campus codes for payments.

use std::fmt;
use std::sync::Arc;

use crate::advice::{self, Advice};
use crate::amount::Amount;
use crate::campus::acceptance::{
    AcceptError, AcceptancePolicy, CampusPayment, Entrance, Presented, Reference, read,
};
use crate::campus::decoder::{Decoded, Decoder, DecoderError, Pid, Purpose};
use crate::campus::guard::{Fingerprint, Guard, GuardError, Now};
use crate::campus::layouts::{CodeContents, Layouts};
use crate::campus::user_data::UserDataError;

/// Takes campus codes for payments: see [the module](crate::campus::acceptance) for the order in
/// which it works.
///
/// It can be shared by threads, if its decoder can.
#[derive(Debug)]
pub struct Checkout<D, G, R> {
    entrance: Entrance<D, G>,
    record: R,
}

/// What is sold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    pub(super) amount: Amount,
    pub(super) reference: Option<Reference>,
}

/// A payment that was accepted and recorded. The till may say "paid".
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Paid<T> {
    /// The name of the payment in the record.
    pub receipt: T,
    /// What the decoder gave.
    pub decoded: Decoded,
    /// Whether only this terminal was asked if the code was used, though others share the guard.
    pub alone: bool,
    layouts: Arc<Layouts>,
}

/// Where accepted payments are kept until they are sent.
pub trait PaymentRecorder {
    /// The name of a recorded payment.
    type Receipt: fmt::Debug;

    /// Records a payment. When it returns `Ok`, the payment survives a power cut.
    ///
    /// It must refuse a code of which it holds a payment ([`Fingerprint::same_code`]), sent or not:
    /// a guard in memory forgets its codes in a restart.
    ///
    /// # Errors
    /// If it holds a payment of this code, or cannot keep this one.
    fn record(&self, payment: &CampusPayment) -> Result<Self::Receipt, RecordError>;

    /// Whether it holds a payment of this code, or `None` if that is not known. It is asked
    /// when a code was refused as used, so that the cashier knows whether it was paid.
    fn is_recorded(&self, code: &Fingerprint) -> Option<bool>;
}

/// Why a payment was not recorded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// A payment of this code is recorded.
    #[error("a payment of this code is recorded already")]
    Already,
    /// It cannot be kept.
    #[error("it cannot be kept: {0}")]
    NotSafe(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl RecordError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Already => advice::campus::CODE_PAID,
            Self::NotSafe(_) => advice::campus::NOT_RECORDED,
        }
    }
}

impl<D: Decoder, G: Guard, R: PaymentRecorder> Checkout<D, G, R> {
    /// A checkout for payments to `pid`. It reads user data by the provisional layouts, and has no
    /// policy.
    #[must_use]
    pub fn new(decoder: D, guard: G, record: R, pid: Pid) -> Self {
        let entrance = Entrance::new(decoder, guard, Purpose::Withholding { pid });
        Self { entrance, record }
    }

    /// Sets the layouts for the user data.
    #[must_use]
    pub fn layouts(mut self, layouts: Layouts) -> Self {
        self.entrance.layouts = Arc::new(layouts);
        self
    }

    /// Adds a policy. All must agree; they are asked in the order in which they were added.
    #[must_use]
    pub fn policy(mut self, policy: impl AcceptancePolicy + 'static) -> Self {
        self.entrance.policies.push(Box::new(policy));
        self
    }

    /// The guard.
    pub fn guard(&self) -> &G {
        &self.entrance.guard
    }

    /// Where payments are recorded.
    pub fn record(&self) -> &R {
        &self.record
    }

    /// Takes the bytes of a code for a sale. The payment is accepted and recorded when it returns
    /// `Ok`, and only then.
    ///
    /// # Errors
    /// If it is not accepted: [`AcceptError::for_cashier`] says what to do.
    pub fn accept(
        &self,
        scanned: &[u8],
        sale: &Sale,
        now: Now,
    ) -> Result<Paid<R::Receipt>, AcceptError> {
        let entrance = &self.entrance;
        let (decoded, code) = entrance.decode(scanned, now)?;
        // `Answer::check` has seen to it.
        let final_data = decoded.final_data.clone().ok_or(DecoderError::NoFinalData)?;
        let claim = entrance.claim(&code, now).map_err(|refused| self.refuse(refused, &code))?;
        let contents = read(&entrance.layouts, &decoded);
        let presented = Presented { amount: Some(sale.amount), decoded: &decoded, contents };
        let claim = entrance.judge(claim, &presented, now)?;
        match self.record.record(&CampusPayment::new(code, sale, now.wall, final_data)) {
            Ok(receipt) => {
                let (alone, layouts) = (claim.is_alone(), Arc::clone(&entrance.layouts));
                Ok(Paid { receipt, decoded, alone, layouts })
            }
            // The guard has forgotten it. Now it knows it again.
            Err(RecordError::Already) => Err(AcceptError::Used { recorded: Some(true) }),
            Err(RecordError::NotSafe(source)) => {
                entrance.give_back(claim, now);
                Err(AcceptError::NotRecorded(source))
            }
        }
    }

    fn refuse(&self, refused: GuardError, code: &Fingerprint) -> AcceptError {
        match refused {
            GuardError::Used => AcceptError::Used { recorded: self.record.is_recorded(code) },
            refused => refused.into(),
        }
    }
}

impl Sale {
    /// A sale of this amount.
    #[must_use]
    pub fn new(amount: Amount) -> Self {
        Self { amount, reference: None }
    }

    /// Sets the till's own name for it.
    #[must_use]
    pub fn reference(self, reference: Reference) -> Self {
        Self { reference: Some(reference), ..self }
    }
}

impl<T> Paid<T> {
    /// Who has paid, for the screen.
    ///
    /// # Errors
    /// If the user data does not fit the layout of its template. The payment is accepted
    /// all the same; tell the technician.
    pub fn contents(&self) -> Result<CodeContents<'_>, UserDataError> {
        read(&self.layouts, &self.decoded)
    }
}

impl<R: PaymentRecorder + ?Sized> PaymentRecorder for &R {
    type Receipt = R::Receipt;

    fn record(&self, payment: &CampusPayment) -> Result<Self::Receipt, RecordError> {
        (**self).record(payment)
    }

    fn is_recorded(&self, code: &Fingerprint) -> Option<bool> {
        (**self).is_recorded(code)
    }
}
