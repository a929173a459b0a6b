//! Files that are given as keys.

use std::sync::OnceLock;

use m26_pay::gateway::{KeyInfo, KeyKind, PrivateKey, PublicKey, Signer as _, Verifier as _};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};

use super::source::{Source, assert_hidden, unfold};

/// Every file is named, a key only where it is one, and nothing of it shows.
///
/// The first byte chooses between a file that is made up and a key that was damaged: then the second
/// and third say where, and the fourth how.
pub fn gateway_keys(data: &[u8]) {
    let mut source = Source::new(data);
    let file = if source.flag() {
        let mut key = key().to_vec();
        let at = (usize::from(source.byte()) << 8 | usize::from(source.byte())) % key.len();
        key[at] = source.byte();
        key
    } else {
        unfold(source.rest())
    };
    let info = KeyInfo::of(&file);
    let private = PrivateKey::read(&file);
    let public = PublicKey::read(&file);
    assert_hidden(&format!("{info} {info:?} {private:?} {public:?}"));
    assert!(private.is_err() || public.is_err(), "no file is both");
    match private {
        Ok(key) => {
            assert!(matches!(info.kind, KeyKind::RsaPrivatePkcs1 | KeyKind::RsaPrivatePkcs8));
            let signature = key.sign(b"text").unwrap();
            assert!(key.public().verify(b"text", &signature));
        }
        Err(error) => assert_hidden(&error.to_string()),
    }
    match public {
        Ok(key) => {
            assert!(matches!(info.kind, KeyKind::RsaPublicPkcs1 | KeyKind::RsaPublicSpki));
            assert_eq!(PublicKey::read(key.as_der()).as_ref(), Ok(&key));
            assert!(!key.verify(b"text", &[0; 256]));
        }
        Err(error) => assert_hidden(&error.to_string()),
    }
}

/// A key on an elliptic curve, which no place takes: ring makes no RSA keys.
fn key() -> &'static [u8] {
    static KEY: OnceLock<Vec<u8>> = OnceLock::new();
    KEY.get_or_init(|| {
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random);
        key.unwrap().as_ref().to_vec()
    })
}
