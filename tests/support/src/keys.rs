//! Keys made in the test, by another library than the crate's: it signs what the crate verifies, and
//! verifies what the crate signs.

use std::sync::OnceLock;

use m26_pay::gateway::{PrivateKey, PublicKey};
use rsa::Pkcs1v15Sign;
use rsa::pkcs1::{EncodeRsaPrivateKey as _, EncodeRsaPublicKey as _};
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
use rsa::rand_core::OsRng;
use rsa::sha2::Sha256;
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey};

/// A pair of keys in every form in which it is handed on.
pub struct Pair {
    private: RsaPrivateKey,
}

impl Pair {
    /// The application's.
    pub fn app() -> &'static Self {
        pair(0)
    }

    /// Alipay's.
    pub fn alipay() -> &'static Self {
        pair(1)
    }

    /// Somebody else's.
    pub fn other() -> &'static Self {
        pair(2)
    }

    pub fn new(bits: usize) -> Self {
        Self { private: RsaPrivateKey::new(&mut OsRng, bits).unwrap() }
    }

    pub fn private_pkcs1(&self) -> Vec<u8> {
        self.private.to_pkcs1_der().unwrap().as_bytes().to_vec()
    }

    pub fn private_pkcs8(&self) -> Vec<u8> {
        self.private.to_pkcs8_der().unwrap().as_bytes().to_vec()
    }

    pub fn public_pkcs1(&self) -> Vec<u8> {
        self.public().to_pkcs1_der().unwrap().into_vec()
    }

    pub fn public_spki(&self) -> Vec<u8> {
        self.public().to_public_key_der().unwrap().into_vec()
    }

    pub fn private_key(&self) -> PrivateKey {
        PrivateKey::read(&self.private_pkcs8()).unwrap()
    }

    pub fn public_key(&self) -> PublicKey {
        PublicKey::read(&self.public_spki()).unwrap()
    }

    /// The signature of these bytes.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        SigningKey::<Sha256>::new(self.private.clone()).sign(message).to_vec()
    }

    /// Whether that is the signature of these bytes.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        let Ok(signature) = Signature::try_from(signature) else { return false };
        VerifyingKey::<Sha256>::new(self.public()).verify(message, &signature).is_ok()
    }

    /// The signature of these bytes with SHA-1.
    pub fn sign_sha1(&self, message: &[u8]) -> Vec<u8> {
        self.private.sign(Pkcs1v15Sign::new_unprefixed(), &sha1_info(message)).unwrap()
    }

    /// Whether that is it.
    pub fn verify_sha1(&self, message: &[u8], signature: &[u8]) -> bool {
        let scheme = Pkcs1v15Sign::new_unprefixed();
        self.public().verify(scheme, &sha1_info(message), signature).is_ok()
    }

    fn public(&self) -> RsaPublicKey {
        self.private.to_public_key()
    }
}

/// A `DigestInfo` of SHA-1 (RFC 8017, 9.2, note 1).
fn sha1_info(message: &[u8]) -> Vec<u8> {
    let digest = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, message);
    [b"\x30\x21\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00\x04\x14", digest.as_ref()].concat()
}

/// Each is made when it is first asked for: it takes a second, and many programs need one only.
fn pair(number: usize) -> &'static Pair {
    static PAIRS: [OnceLock<Pair>; 3] = [const { OnceLock::new() }; 3];
    PAIRS[number].get_or_init(|| Pair::new(2048))
}
