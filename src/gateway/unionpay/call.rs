//! What a call is.

use std::borrow::Cow;

use super::params::Params;
use super::signature::Signing;
use super::tdes::SymmetricKey;
use crate::gateway::{FieldError, Fields, beijing};
use crate::unix_time::UnixMillis;

/// One call of the open platform: its parameters, how UnionPay knows who asks, and how its answer is
/// read.
///
/// Implement it for a call that this crate does not have.
pub trait Call {
    /// What a success says.
    type Answer;

    /// The last part of the call's address, such as `user.mobile`.
    const NAME: &'static str;

    /// How UnionPay knows who asks.
    const CREDENTIAL: Credential;

    /// The member by which an answer without an envelope is known to be this call's. `None`: no such
    /// answer is believed.
    const BARE: Option<&'static str> = None;

    /// The member inside the parameters that says again how it went: `resp` in 5.6 to 5.8. An answer
    /// is a success only if neither says otherwise.
    const INNER_CODE: Option<&'static str> = None;

    /// The parameters, without `appId`, `backendToken`, `nonceStr`, `timestamp` and `signature`.
    fn params(&self) -> Params<'_>;

    /// Reads the parameters of a success.
    ///
    /// # Errors
    /// If one is not as it is documented, or cannot be decrypted.
    fn read(&self, fields: &Fields, keys: Keys<'_>) -> Result<Self::Answer, FieldError>;
}

/// How UnionPay knows who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Credential {
    /// `backendToken` goes along, and nothing is signed.
    BackendToken,
    /// `nonceStr`, `timestamp` and `signature` go along.
    Signature(Signing),
}

/// What decrypts the members of an answer.
#[derive(Clone, Copy, Debug)]
pub struct Keys<'a>(pub(super) Option<&'a SymmetricKey>);

impl Keys<'_> {
    /// A member that came under the symmetric key, in clear; `None` if it is not there or empty.
    ///
    /// # Errors
    /// If there is no symmetric key, or it is not the one.
    pub fn decrypt(
        self,
        fields: &Fields,
        field: &'static str,
    ) -> Result<Option<String>, FieldError> {
        let Some(cipher) = fields.text(field) else { return Ok(None) };
        let key = self.0.ok_or(FieldError { field, expected: NO_KEY })?;
        let text = key.decrypt(&cipher).map_err(|_| FieldError { field, expected: OTHER_KEY })?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }
}

/// A member as a text of its own.
pub(super) fn text(fields: &Fields, name: &str) -> Option<String> {
    fields.text(name).map(Cow::into_owned)
}

/// When something was done: the tables call it `operateTime`, the samples `operationTime`, in two
/// forms (5.4.1, 5.4.2). A third form is no reason to take a contract that was made for none.
pub(super) fn operate_time(fields: &Fields) -> Option<UnixMillis> {
    let time = fields.text("operateTime").or_else(|| fields.text("operationTime"))?;
    beijing::parse(&time)
}

/// Refuses an answer that repeats an argument of another call.
pub(super) fn same(fields: &Fields, field: &'static str, asked: &str) -> Result<(), FieldError> {
    match fields.text(field) {
        Some(said) if said != asked => {
            Err(FieldError { field, expected: "what was asked for: it may be another call's" })
        }
        _ => Ok(()),
    }
}

const NO_KEY: &str = "readable: the application was given no symmetric key (symmetricKey)";

const OTHER_KEY: &str = "encrypted by the symmetric key that the application was given";
