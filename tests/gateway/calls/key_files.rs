use data_encoding::BASE64;
use m26_pay::gateway::alipay::{AppId, GatewayUrl, Merchant, MerchantError};
use m26_pay::gateway::{
    KeyError, KeyInfo, KeyKind, KeyRole, PrivateKey, PublicKey, Signer, Verifier,
};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use support::keys::Pair;

/// DER, base64 on one line, base64 in lines, and PEM with line ends of both kinds.
fn forms(der: &[u8], label: &str) -> Vec<Vec<u8>> {
    let base64 = BASE64.encode(der);
    let lines = |end: &str| -> String {
        base64
            .as_bytes()
            .chunks(64)
            .map(|line| format!("{}{end}", std::str::from_utf8(line).unwrap()))
            .collect()
    };
    let pem =
        |end: &str| format!("-----BEGIN {label}-----{end}{}-----END {label}-----{end}", lines(end));
    vec![
        der.to_vec(),
        base64.clone().into_bytes(),
        lines("\n").into_bytes(),
        format!("  {base64}\r\n").into_bytes(),
        pem("\n").into_bytes(),
        pem("\r\n").into_bytes(),
        format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----").into_bytes(),
        format!("Bag Attributes: none\n{}", pem("\n")).into_bytes(),
    ]
}

/// The DER of a value with this tag.
fn der(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len();
    let mut all = vec![tag];
    match length {
        0..=0x7f => all.push(length as u8),
        _ => all.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    all.extend(value);
    all
}

fn certificate() -> Vec<u8> {
    let algorithm = der(0x30, &[0x06, 0x03, 0x2a, 0x03, 0x04]);
    let parts: Vec<u8> = [
        der(0xa0, &[0x02, 0x01, 0x02]),
        der(0x02, &[0x01]),
        algorithm.clone(),
        der(0x30, &[]),
        der(0x30, &[]),
        der(0x30, &[]),
        Pair::alipay().public_spki(),
    ]
    .concat();
    der(0x30, &[der(0x30, &parts), algorithm, der(0x03, &[0, 1])].concat())
}

#[test]
fn every_form_of_one_key_is_that_key() {
    let pair = Pair::app();
    let message = b"app_id=1&biz_content={}";
    for form in [
        forms(&pair.private_pkcs1(), "RSA PRIVATE KEY"),
        forms(&pair.private_pkcs8(), "PRIVATE KEY"),
        // With the other one's label, as many a converter writes it.
        forms(&pair.private_pkcs1(), "PRIVATE KEY"),
    ]
    .concat()
    {
        let key = PrivateKey::read(&form).unwrap();
        assert!(pair.verify(message, &key.sign(message).unwrap()));
        assert_eq!(key.public(), pair.public_key());
    }
    let signature = pair.sign(message);
    for form in
        [forms(&pair.public_pkcs1(), "RSA PUBLIC KEY"), forms(&pair.public_spki(), "PUBLIC KEY")]
            .concat()
    {
        let key = PublicKey::read(&form).unwrap();
        assert!(key.verify(message, &signature));
        assert!(!key.verify(b"another", &signature));
        assert!(!key.verify(message, &[]));
        assert_eq!(key, pair.public_key());
    }
    assert!(!Pair::other().public_key().verify(message, &signature));
}

/// The vectors' keys, as the developer centre hands them out, verify what they say.
#[test]
fn the_vectors_signature_verifies() {
    let key = PublicKey::read(VECTOR_KEY.as_bytes()).unwrap();
    let signature = BASE64.decode(VECTOR_SIGN.as_bytes()).unwrap();
    assert!(key.verify(VECTOR_TEXT.as_bytes(), &signature));
}

#[test]
fn a_key_of_the_wrong_kind_is_named() {
    let pair = Pair::app();
    let random = SystemRandom::new();
    let ec = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
    let edwards = Ed25519KeyPair::generate_pkcs8(&random).unwrap();
    let ec_public = der(
        0x30,
        &[der(0x30, &[0x06, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]), der(0x03, &[0, 4, 1, 2])]
            .concat(),
    );
    let encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----";
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----";
    for (file, kind) in [
        (pair.public_spki(), KeyKind::RsaPublicSpki),
        (pair.public_pkcs1(), KeyKind::RsaPublicPkcs1),
        (ec.as_ref().to_vec(), KeyKind::EcPrivate),
        (edwards.as_ref().to_vec(), KeyKind::OtherPrivate),
        (ec_public, KeyKind::EcPublic),
        (certificate(), KeyKind::Certificate),
        (encrypted.as_bytes().to_vec(), KeyKind::EncryptedPrivate),
        (old.as_bytes().to_vec(), KeyKind::EncryptedPrivate),
        (b"".to_vec(), KeyKind::Empty),
        (b" \n".to_vec(), KeyKind::Empty),
        (b"hello, I am no key".to_vec(), KeyKind::Unknown),
        (b"AAAA".to_vec(), KeyKind::Unknown),
        (vec![0x30, 0x82, 0xff, 0xff, 0x80], KeyKind::Unknown),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA".to_vec(), KeyKind::Unknown),
    ] {
        assert_eq!(KeyInfo::of(&file).kind, kind);
        let error = PrivateKey::read(&file).unwrap_err();
        assert_eq!(error, KeyError::Misplaced { found: KeyInfo::of(&file), role: KeyRole::Own });
        let text = error.to_string();
        assert!(text.contains(&kind.to_string()) && text.contains("应用私钥"), "{text}");
    }
    for (file, kind) in [
        (pair.private_pkcs1(), KeyKind::RsaPrivatePkcs1),
        (pair.private_pkcs8(), KeyKind::RsaPrivatePkcs8),
        (certificate(), KeyKind::Certificate),
    ] {
        let error = PublicKey::read(&file).unwrap_err();
        assert_eq!(
            error,
            KeyError::Misplaced { found: KeyInfo::of(&file), role: KeyRole::Platform }
        );
        let text = error.to_string();
        assert!(text.contains(&kind.to_string()) && text.contains("支付宝公钥"), "{text}");
        assert!(!format!("{error:?} {error}").contains(&BASE64.encode(&file)[..16]));
    }
    assert_eq!(
        PublicKey::read(&pair.private_pkcs8()).unwrap_err().to_string(),
        "this is a private RSA key (PKCS#8) of 2048 bits: the platform's public RSA key belongs \
         here (Alipay's 支付宝公钥 from the developer centre, not the application's own)",
    );
}

#[test]
fn a_short_key_is_refused_with_its_size() {
    let short = Pair::new(1024);
    let size = |role| KeyError::Size { bits: 1024, least: 2048, role };
    assert_eq!(PrivateKey::read(&short.private_pkcs1()).unwrap_err(), size(KeyRole::Own));
    assert_eq!(PublicKey::read(&short.public_spki()).unwrap_err(), size(KeyRole::Platform));
    assert_eq!(KeyInfo::of(&short.private_pkcs8()).bits, Some(1024));
}

#[test]
fn a_damaged_key_is_refused() {
    let mut key = Pair::app().private_pkcs1();
    let last = key.len() - 1;
    key[last] ^= 1;
    assert_eq!(
        PrivateKey::read(&key).unwrap_err(),
        KeyError::Damaged { found: KeyKind::RsaPrivatePkcs1 },
    );
    let whole = Pair::app().private_pkcs8();
    for length in 0..whole.len() {
        assert!(PrivateKey::read(&whole[..length]).is_err());
    }
}

#[test]
fn the_applications_own_public_key_is_refused() {
    let app_id = || AppId::new("2026000000000001").unwrap();
    let error = Merchant::new(
        GatewayUrl::live(),
        app_id(),
        Pair::app().private_key(),
        PublicKey::read(&Pair::app().public_pkcs1()).unwrap(),
    )
    .unwrap_err();
    assert_eq!(error, MerchantError::OwnKey);
    assert!(error.to_string().contains("支付宝公钥"), "{error}");
}

#[test]
fn no_key_shows() {
    let shown = format!("{:?} {:?}", Pair::app().private_key(), Pair::app().public_key());
    assert_eq!(shown, "PrivateKey([redacted], 2048 bits) PublicKey([270 bytes])");
}

/// vectors/gateway.json, `app2048` and `dev-query`.
const VECTOR_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1ddhVYt1UKn0JEzAxbfdCIMhbcJFMaMTA8LWGaAvocUCwG446kYNE1/on1qExTKRYC+F4pZiHzaUY2xzMMFHS2d2OX1QDYtzHE7IQ3heh/pJkdSpZL5vikfgqdhacn5Cel658cFwxFYRyXh5VdtC4hJnLPfr4vovj3eODNi6iNBIDODRpsbRz7AwapQvGOLjPORNk/Lhyh6zW6jWK0p1mLH8gBbQgeJEJNeHllQJONX8IpPLALd8ZJwjHt4uLF6HFNIvzWRZ8m9GM7oHartrhib+xDtBC/gMpTCa14g8HCRpVMcKtHaxuWxp/yZ3NAnQxguUtI0QAjv2XfaEJh0sQIDAQAB";
const VECTOR_SIGN: &str = "C9Wd81ruhENUfNpW2lSozrnMA8mU/WaL+Nd3inGHpnXUCjVSXgsjoRhR2jIkXr5W+90jUg1dsqJoIj+MVuwlz1IzsrtTVuFq5fqEomxZrtOQg04daOgzqGU7eX4ZsYy0pLGsEpccnqLIxQ2r/eSC3eT/miIAe0F62Lwg/hHRIIo8VyU0beXmL6v8SAOv1OV8EhEJ6z5OejofvFVaj117QxtYQZ4XEeZY8w8Lr3/k0Ws0KbICL76LpwEQGo/L0QE9vptjlL7chhkpIgp/p1uQvxW+1y3hDuSsfZVrkZLA8NX6S3tFbRToPNWTcMTTnXgy7jBzVmuScLKTL1yXi7280Q==";
const VECTOR_TEXT: &str = r#"app_id=2026000000000001&biz_content={"out_trade_no":"DV-S1"}&charset=utf-8&format=json&method=alipay.trade.query&sign_type=RSA2&timestamp=2026-11-29 21:00:00&version=1.0"#;
