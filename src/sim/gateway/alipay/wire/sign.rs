//! Signatures of both sides.

use crate::sim::gateway::{SigningKey, VerifyingKey};

/// How requests are verified and answers are signed.
#[derive(Debug)]
#[non_exhaustive]
pub enum Signing {
    /// RSA2, as the real gateway does it.
    Rsa2 {
        /// Alipay's private key: it signs the answers.
        alipay: Box<SigningKey>,
        /// The app's public key: it verifies the requests.
        app: VerifyingKey,
    },
    /// [`stand_in`], for tests that have no time for RSA.
    StandIn,
}

impl Signing {
    pub(super) fn sign(&self, text: &[u8]) -> String {
        match self {
            Self::Rsa2 { alipay, .. } => alipay.sign(text),
            Self::StandIn => stand_in(text),
        }
    }

    pub(super) fn verifies(&self, text: &[u8], signature: &str) -> bool {
        match self {
            Self::Rsa2 { app, .. } => app.verifies(text, signature),
            Self::StandIn => stand_in(text) == signature,
        }
    }
}

/// A checksum in the place of a signature: it shows a change of the text, and proves nothing about
/// who made it. Both sides make the same one.
pub fn stand_in(text: &[u8]) -> String {
    format!("{:016x}", super::super::fnv(text))
}
