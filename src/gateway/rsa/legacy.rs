//! What Alipay advises against, and some merchants still have: keys of less than 2048 bits, and SHA-1.

use std::fmt;

use ring::signature::{
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    UnparsedPublicKey,
};
use rsa_legacy::pkcs1::{DecodeRsaPrivateKey as _, EncodeRsaPublicKey as _};
use rsa_legacy::pkcs1v15::SigningKey;
use rsa_legacy::sha2::Sha256;
use rsa_legacy::signature::{SignatureEncoding as _, Signer as _};
use rsa_legacy::traits::PublicKeyParts as _;
use sha1::Sha1;

use super::material::Material;
use super::{KeyError, SignError, SignType, Signer, Verifier};

/// A private RSA key of 1024 bits or more, which signs with either [`SignType`]
/// (feature `legacy-rsa`).
///
/// Make a key of 2048 bits and use [`PrivateKey`](super::PrivateKey), where that is yours to decide.
pub struct LegacyPrivateKey {
    key: Key,
    /// The `RSAPublicKey` in DER.
    public: Box<[u8]>,
    bits: usize,
}

enum Key {
    Rsa(SigningKey<Sha1>),
    Rsa2(SigningKey<Sha256>),
}

impl LegacyPrivateKey {
    /// Reads a key in the forms that [`PrivateKey::read`](super::PrivateKey::read) takes, to sign so.
    ///
    /// # Errors
    /// If it is something else, or has less than 1024 bits: the error says what it is and what belongs
    /// there, and shows nothing of it.
    pub fn read(file: &[u8], sign_type: SignType) -> Result<Self, KeyError> {
        let material = Material::read(file);
        let damaged = || KeyError::Damaged { found: material.info().kind };
        let key = rsa_legacy::PrivateKey::from_pkcs1_der(material.own(LEAST)?);
        let key = key.map_err(|_| damaged())?;
        let public = key.to_public_key().to_pkcs1_der().map_err(|_| damaged())?;
        let bits = key.size() * 8;
        let key = match sign_type {
            SignType::Rsa => Key::Rsa(SigningKey::new(key)),
            SignType::Rsa2 => Key::Rsa2(SigningKey::new(key)),
        };
        Ok(Self { key, public: public.as_bytes().into(), bits })
    }
}

impl Signer for LegacyPrivateKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let signature = match &self.key {
            Key::Rsa(key) => key.try_sign(message),
            Key::Rsa2(key) => key.try_sign(message),
        };
        let failed = |_| SignError { reason: "the private key cannot be used".to_owned() };
        Ok(signature.map_err(failed)?.to_vec())
    }

    fn sign_type(&self) -> SignType {
        match self.key {
            Key::Rsa(_) => SignType::Rsa,
            Key::Rsa2(_) => SignType::Rsa2,
        }
    }

    fn public_key(&self) -> Option<&[u8]> {
        Some(&self.public)
    }
}

impl fmt::Debug for LegacyPrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.sign_type().name();
        write!(f, "LegacyPrivateKey([redacted], {} bits, {name})", self.bits)
    }
}

/// A public RSA key of 1024 bits or more, which verifies one [`SignType`] (feature `legacy-rsa`).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct LegacyPublicKey {
    der: Box<[u8]>,
    sign_type: SignType,
}

impl LegacyPublicKey {
    /// Reads a key in the forms that [`PublicKey::read`](super::PublicKey::read) takes, to verify
    /// this kind of signature.
    ///
    /// # Errors
    /// If it is something else, or has less than 1024 bits: the error says what it is and what belongs
    /// there.
    pub fn read(file: &[u8], sign_type: SignType) -> Result<Self, KeyError> {
        let material = Material::read(file);
        Ok(Self { der: material.platform(LEAST)?.into(), sign_type })
    }
}

impl Verifier for LegacyPublicKey {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithm = match self.sign_type {
            SignType::Rsa => &RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
            SignType::Rsa2 => &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        };
        UnparsedPublicKey::new(algorithm, &self.der).verify(message, signature).is_ok()
    }

    fn public_key(&self) -> Option<&[u8]> {
        Some(&self.der)
    }
}

impl fmt::Debug for LegacyPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LegacyPublicKey([{} bytes], {})", self.der.len(), self.sign_type.name())
    }
}

/// The signatures of the spec have 128 bytes (App支付, 請求示例).
const LEAST: usize = 1024;
