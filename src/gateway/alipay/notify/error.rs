//! Why a notification is refused.

use crate::advice::{self, Advice};
use crate::gateway::word::Word;

/// Why a notification is not believed, or is not about what is expected. It shows no value of it but
/// a word that looks like one of Alipay's.
///
/// Answer it with [`Reply::Fail`](super::Reply::Fail): Alipay sends what is its own again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotificationError {
    /// A value holds what looks like another field, so the signed text could be read in two ways.
    #[error(
        "a value of the notification holds `&{field}=`, so that its signed text could be read in \
         two ways: let no subject, body or passback_params hold that"
    )]
    Ambiguous {
        /// The field that could be read there.
        field: &'static str,
    },
    /// The body is no form.
    #[error("the notification is no form (application/x-www-form-urlencoded)")]
    ContentType,
    /// It is verified, and about something else than is expected.
    #[error("the notification is verified, and its {field} is not the one that is expected")]
    Differs {
        /// The field that differs.
        field: &'static str,
    },
    /// A field is not as Alipay documents it.
    #[error("{field} of the notification is not {expected}")]
    Field {
        /// Its name.
        field: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// A name that is none of Alipay's.
    #[error(
        "a name in the notification holds something else than letters, digits, `_`, `.` and `-`"
    )]
    Name,
    /// It was sent too long ago.
    #[error("the notification was sent longer ago than is allowed")]
    Old,
    /// It has no signature.
    #[error("the notification has no signature, so it proves nothing")]
    Unsigned,
    /// It does not verify, and names a kind of signature that is not RSA2.
    #[error(
        "the notification is signed by {0}, and does not verify: have Alipay sign by RSA2, or give its \
         key as one of that kind (LegacyPublicKey, feature legacy-rsa)"
    )]
    SignType(Word),
    /// It is longer than anything that Alipay sends.
    #[error("the notification has {length} bytes, more than {limit}: it is not Alipay's")]
    TooLarge {
        /// How many bytes it has.
        length: usize,
        /// The greatest number.
        limit: usize,
    },
    /// It has more fields than anything that Alipay sends.
    #[error("the notification has more than {limit} fields: it is not Alipay's")]
    TooMany {
        /// The greatest number.
        limit: usize,
    },
    /// A field comes twice, so that nobody knows which is meant.
    #[error("the notification says the same field twice")]
    Twice,
    /// Its signature is not that of Alipay's key.
    #[error(
        "the notification does not verify: it is not Alipay's, something changed it on its way (hand \
         over the bytes of the body, not fields that a framework has read), or Alipay's public key \
         here is not the one that belongs to this application (支付宝公钥)"
    )]
    WrongSignature,
}

impl NotificationError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Differs { .. } => advice::alipay::NOTIFICATION_DIFFERS,
            Self::ContentType | Self::Field { .. } | Self::Name | Self::Twice => {
                advice::alipay::NOTIFICATION_FIELD
            }
            Self::Ambiguous { .. }
            | Self::Old
            | Self::SignType(_)
            | Self::TooLarge { .. }
            | Self::TooMany { .. }
            | Self::Unsigned
            | Self::WrongSignature => advice::alipay::NOTIFICATION_WRONG,
        }
    }
}
