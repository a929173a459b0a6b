//! What ties a login to who began it.

use std::fmt;

use subtle::ConstantTimeEq as _;

use crate::argument::InvalidArgument;
use crate::gateway::text::{check, letters_and_digits};
use crate::gateway::unionpay::stamp::{NonceStr, StampError};

/// What a page gives back as it got it (`state`, 4.3): 1 to 128 letters and digits.
///
/// With a random one that is kept in the user's session, nobody can have a user come back with
/// somebody else's code (RFC 6749, 10.12). It does not show itself.
#[derive(Clone)]
pub struct LoginState(Box<str>);

impl LoginState {
    /// Its greatest number of characters (4.3 no. 5).
    pub const MAX_LENGTH: usize = 128;

    /// A state that was made elsewhere.
    ///
    /// # Errors
    /// If it is not valid; the error names the position.
    pub fn new(text: &str) -> Result<Self, InvalidArgument> {
        check("state", text, Self::MAX_LENGTH, letters_and_digits)?;
        Ok(Self(text.into()))
    }

    /// A new one, of the system's random numbers: 32 letters and digits.
    ///
    /// # Errors
    /// If the system has none.
    pub fn random() -> Result<Self, StampError> {
        let [one, two] = [NonceStr::random()?, NonceStr::random()?];
        Ok(Self([one.as_str(), two.as_str()].concat().into()))
    }

    /// The text, for the user's session.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this one. How long that takes says nothing of where they differ.
    pub(super) fn is(&self, other: &str) -> bool {
        self.0.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl fmt::Debug for LoginState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginState([redacted])")
    }
}

impl PartialEq for LoginState {
    fn eq(&self, other: &Self) -> bool {
        self.is(&other.0)
    }
}

impl Eq for LoginState {}
