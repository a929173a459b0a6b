//! Signatures of both sides.

use super::{SigningKey, VerifyingKey};

/// How a gateway verifies what its clients sign, and signs what it says itself.
#[derive(Debug)]
#[non_exhaustive]
pub enum Signing {
    /// SHA-256 with RSA after PKCS#1 v1.5, as the real gateways do it.
    Rsa2 {
        /// The gateway's private key: it signs what the gateway says.
        gateway: Box<SigningKey>,
        /// The app's public key: it verifies the requests.
        app: VerifyingKey,
    },
    /// [`stand_in`], for tests that have no time for RSA.
    StandIn,
}

impl Signing {
    pub(super) fn sign(&self, text: &[u8]) -> String {
        match self {
            Self::Rsa2 { gateway, .. } => gateway.sign(text),
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
    format!("{:016x}", fnv(text))
}

/// FNV-1a over 64 bits: tells texts apart, and nothing more.
pub(super) fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
