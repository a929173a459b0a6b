//! [`AcceptancePolicy`]: the shop's own rules for a code that is otherwise good.

use std::borrow::Cow;
use std::fmt;

use crate::advice::{self, Advice};
use crate::amount::Amount;
use crate::campus::decoder::Decoded;
use crate::campus::layouts::CodeContents;
use crate::campus::user_data::UserDataError;

/// Decides whether a code that is otherwise good is accepted: a limit of the amount, the times at
/// which a gate opens, the school that a canteen belongs to.
///
/// It is asked once for each code that the guard has handed out, and a code that it refuses can be
/// presented again. A function is a policy too.
///
/// ```
/// use m26_pay::campus::acceptance::{PolicyError, AcceptancePolicy, Presented};
///
/// fn own_school(presented: &Presented<'_>) -> Result<(), PolicyError> {
///     match presented.user_data().and_then(|holder| holder.school_no()) {
///         Some(school) if school.get() == 4_151_012_212 => Ok(()),
///         _ => Err(PolicyError::Other("Not a code of this school.".into())),
///     }
/// }
/// # let _: Box<dyn AcceptancePolicy> = Box::new(own_school);
/// ```
pub trait AcceptancePolicy: Send + Sync {
    /// Whether the code is accepted.
    ///
    /// # Errors
    /// If it is not, with a reason for the cashier.
    fn judge(&self, presented: &Presented<'_>) -> Result<(), PolicyError>;
}

/// A code that is good so far.
#[derive(Debug)]
#[non_exhaustive]
pub struct Presented<'a> {
    /// What is to be paid; `None` at a gate.
    pub amount: Option<Amount>,
    /// What the decoder gave.
    pub decoded: &'a Decoded,
    /// What is in the user data.
    pub contents: Result<CodeContents<'a>, UserDataError>,
}

/// Why a policy does not accept a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// The amount is above the limit.
    #[error("{amount} yuan are above the limit of {limit} yuan")]
    AboveLimit {
        /// What was to be paid.
        amount: Amount,
        /// The limit.
        limit: Amount,
    },
    /// Something else: a short sentence for the cashier, which holds no personal data.
    #[error("{0}")]
    Other(Cow<'static, str>),
}

impl PolicyError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::AboveLimit { .. } => advice::campus::ABOVE_LIMIT,
            Self::Other(_) => advice::campus::POLICY,
        }
    }
}

/// No payment above this amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AmountLimit(pub Amount);

impl AcceptancePolicy for AmountLimit {
    fn judge(&self, presented: &Presented<'_>) -> Result<(), PolicyError> {
        match presented.amount {
            Some(amount) if amount > self.0 => {
                Err(PolicyError::AboveLimit { amount, limit: self.0 })
            }
            _ => Ok(()),
        }
    }
}

impl<F> AcceptancePolicy for F
where
    F: Fn(&Presented<'_>) -> Result<(), PolicyError> + Send + Sync,
{
    fn judge(&self, presented: &Presented<'_>) -> Result<(), PolicyError> {
        self(presented)
    }
}

impl<'a> Presented<'a> {
    /// The user data, if it could be read.
    #[must_use]
    pub fn user_data(&self) -> Option<crate::campus::user_data::UserData<'a>> {
        match self.contents {
            Ok(CodeContents::Known(user_data)) => Some(user_data),
            _ => None,
        }
    }
}

impl fmt::Debug for dyn AcceptancePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AcceptancePolicy")
    }
}
