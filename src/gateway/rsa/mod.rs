//! RSA keys, and what signs and verifies with them.

mod info;
#[cfg(feature = "legacy-rsa")]
mod legacy;
mod material;

use std::fmt;

use crate::advice::{self, Advice};

use ring::rand::SystemRandom;
use ring::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256};
use ring::signature::{RsaKeyPair, UnparsedPublicKey};

pub use info::{KeyError, KeyInfo, KeyKind, KeyRole};
#[cfg(feature = "legacy-rsa")]
pub use legacy::{LegacyPrivateKey, LegacyPublicKey};

use material::Material;

/// Signs requests. [`PrivateKey`] is one that has its key in memory; a hardware module (HSM) is
/// another.
pub trait Signer: fmt::Debug + Send + Sync {
    /// The signature of these bytes, raw.
    ///
    /// # Errors
    /// If it cannot be made. Nothing was sent then.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;

    /// How it signs.
    fn sign_type(&self) -> SignType {
        SignType::Rsa2
    }

    /// The public half, as an `RSAPublicKey` in DER (RFC 8017, A.1.1), if it is known. With it the
    /// commonest fault is found before the first payment: the application's public key in the place
    /// of the platform's.
    fn public_key(&self) -> Option<&[u8]> {
        None
    }
}

/// Verifies answers and notifications. [`PublicKey`] is one.
pub trait Verifier: fmt::Debug + Send + Sync {
    /// Whether `signature` is that of the platform over these bytes.
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool;

    /// The key, as an `RSAPublicKey` in DER, if it is known.
    fn public_key(&self) -> Option<&[u8]> {
        None
    }
}

/// The kinds of signature that the platforms know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignType {
    /// `RSA`: RSA with SHA-1 (PKCS#1 v1.5). Alipay advises against it.
    Rsa,
    /// `RSA2`: RSA with SHA-256 (PKCS#1 v1.5).
    Rsa2,
}

impl SignType {
    /// As the parameter `sign_type` says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Rsa => "RSA",
            Self::Rsa2 => "RSA2",
        }
    }
}

/// Why nothing could be signed. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request could not be signed, nothing was sent: {reason}")]
pub struct SignError {
    /// What the signer says, without the key.
    pub reason: String,
}

impl SignError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::platform::SIGNER
    }
}

/// A private RSA key of 2048 bits or more, which signs with RSA2.
///
/// Its bytes are overwritten when they are no longer needed, as far as they are this crate's: ring
/// keeps the numbers that it computes with, and overwrites nothing. It does not show itself.
pub struct PrivateKey {
    pair: RsaKeyPair,
}

impl PrivateKey {
    /// Reads a key in PKCS#1 or PKCS#8, as PEM, DER, or the base64 without PEM's lines that the
    /// platforms' key tools hand out.
    ///
    /// # Errors
    /// If it is something else: the error says what it is and what belongs there, and shows nothing
    /// of it.
    pub fn read(file: &[u8]) -> Result<Self, KeyError> {
        let material = Material::read(file);
        let pair = RsaKeyPair::from_der(material.own(LEAST)?)
            .map_err(|_| KeyError::Damaged { found: material.info().kind })?;
        Ok(Self { pair })
    }

    /// The public half, which the platform must be given.
    #[must_use]
    pub fn public(&self) -> PublicKey {
        PublicKey { der: self.pair.public_key().as_ref().into() }
    }
}

impl Signer for PrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut signature = vec![0; self.pair.public().modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| SignError { reason: "the private key cannot be used".to_owned() })?;
        Ok(signature)
    }

    fn public_key(&self) -> Option<&[u8]> {
        Some(self.pair.public_key().as_ref())
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bits = self.pair.public().modulus_len() * 8;
        write!(f, "PrivateKey([redacted], {bits} bits)")
    }
}

/// A public RSA key of 2048 bits or more, which verifies RSA2.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// An `RSAPublicKey`: what ring takes.
    der: Box<[u8]>,
}

impl PublicKey {
    /// Reads a key as `SubjectPublicKeyInfo` or PKCS#1, as PEM, DER, or the base64 without PEM's
    /// lines that the developer centre hands out.
    ///
    /// # Errors
    /// If it is something else: the error says what it is and what belongs there, and shows nothing
    /// of it.
    pub fn read(file: &[u8]) -> Result<Self, KeyError> {
        let material = Material::read(file);
        Ok(Self { der: material.platform(LEAST)?.into() })
    }

    /// The key as an `RSAPublicKey` in DER.
    #[must_use]
    pub fn as_der(&self) -> &[u8] {
        &self.der
    }
}

impl Verifier for PublicKey {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &self.der);
        key.verify(message, signature).is_ok()
    }

    fn public_key(&self) -> Option<&[u8]> {
        Some(&self.der)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey([{} bytes])", self.der.len())
    }
}

/// What ring signs with, and what Alipay advises for RSA2.
const LEAST: usize = 2048;
