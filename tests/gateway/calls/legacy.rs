//! Keys of 1024 bits and SHA-1 (feature `legacy-rsa`).

use std::sync::OnceLock;

use data_encoding::BASE64;
use m26_pay::gateway::alipay::{AppId, AppOrder, GatewayUrl, Merchant, Subject};
use m26_pay::gateway::{
    KeyError, LegacyPrivateKey, LegacyPublicKey, PrivateKey, SignType, Signer as _, Verifier as _,
};
use proptest::prelude::*;
use support::keys::Pair;

use super::{number, pairs};

fn small() -> &'static Pair {
    static PAIR: OnceLock<Pair> = OnceLock::new();
    PAIR.get_or_init(|| Pair::new(1024))
}

#[test]
fn both_kinds_with_any_key_verify_elsewhere() {
    for pair in [small(), Pair::app()] {
        for file in [pair.private_pkcs1(), pair.private_pkcs8()] {
            let sha1 = LegacyPrivateKey::read(&file, SignType::Rsa).unwrap();
            let sha256 = LegacyPrivateKey::read(&file, SignType::Rsa2).unwrap();
            assert!(pair.verify_sha1(b"text", &sha1.sign(b"text").unwrap()));
            assert!(pair.verify(b"text", &sha256.sign(b"text").unwrap()));
            assert_eq!((sha1.sign_type(), sha256.sign_type()), (SignType::Rsa, SignType::Rsa2));
            assert_eq!(sha1.public_key(), Some(&*pair.public_pkcs1()));
        }
        let sha1 = LegacyPublicKey::read(&pair.public_spki(), SignType::Rsa).unwrap();
        let sha256 = LegacyPublicKey::read(&pair.public_pkcs1(), SignType::Rsa2).unwrap();
        assert!(sha1.verify(b"text", &pair.sign_sha1(b"text")));
        assert!(sha256.verify(b"text", &pair.sign(b"text")));
        assert!(!sha1.verify(b"text", &pair.sign(b"text")));
        assert!(!sha256.verify(b"text", &pair.sign_sha1(b"text")));
        assert!(!sha1.verify(b"texT", &pair.sign_sha1(b"text")));
    }
}

/// The signatures of the spec have 128 bytes: 172 characters.
#[test]
fn an_order_string_of_old() {
    let own = LegacyPrivateKey::read(&small().private_pkcs8(), SignType::Rsa).unwrap();
    let app_id = AppId::new("2015052600090779").unwrap();
    let alipay = Pair::alipay().public_key();
    let merchant = Merchant::new(GatewayUrl::live(), app_id, own, alipay).unwrap();
    let subject = Subject::new("1").unwrap();
    let order = AppOrder::in_app(number("A1"), "0.01".parse().unwrap(), subject).build().unwrap();
    let at = "2016-08-25 20:26:31".parse().unwrap();
    let string = merchant.order_string(&order, &at).unwrap();
    let mut pairs = pairs(string.as_str());
    let sign = pairs.pop().unwrap().1;
    assert_eq!(sign.len(), 172);
    assert!(pairs.contains(&("sign_type".to_owned(), "RSA".to_owned())));
    let text: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert!(
        small().verify_sha1(text.join("&").as_bytes(), &BASE64.decode(sign.as_bytes()).unwrap())
    );
}

#[test]
fn what_is_too_small_is_named() {
    let error = PrivateKey::read(&small().private_pkcs8()).unwrap_err();
    assert!(error.to_string().starts_with("the key has 1024 bits, from 2048 to 8192"), "{error}");
    let tiny = Pair::new(768);
    let error = LegacyPrivateKey::read(&tiny.private_pkcs8(), SignType::Rsa).unwrap_err();
    assert!(matches!(error, KeyError::Size { bits: 768, least: 1024, .. }), "{error}");
    assert!(error.to_string().starts_with("the key has 768 bits, from 1024 to 8192"), "{error}");
    assert!(LegacyPublicKey::read(&tiny.public_spki(), SignType::Rsa).is_err());
    let public = small().public_spki();
    assert!(matches!(
        LegacyPrivateKey::read(&public, SignType::Rsa),
        Err(KeyError::Misplaced { .. })
    ));
}

#[test]
fn it_does_not_show_itself() {
    let key = LegacyPrivateKey::read(&small().private_pkcs8(), SignType::Rsa).unwrap();
    assert_eq!(format!("{key:?}"), "LegacyPrivateKey([redacted], 1024 bits, RSA)");
}

proptest! {
    #[test]
    fn a_key_with_a_byte_changed_never_panics(at: prop::sample::Index, byte: u8) {
        let mut file = small().private_pkcs8();
        let at = at.index(file.len());
        file[at] = byte;
        if let Ok(key) = LegacyPrivateKey::read(&file, SignType::Rsa) {
            let _ = key.sign(b"text");
        }
    }
}
