//! OpenSSL, which has nothing in common with this crate, verifies the signatures and decrypts the
//! ciphers.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use data_encoding::BASE64;
use m26_pay::gateway::unionpay::{GetBackendToken, Signing, SymmetricKey, VerifyPwdSeqId};
use serde_json::Value;
use support::keys::Pair;
use tempfile::TempDir;

use super::{KEY, app, qual_reduce, qual_send, red_packet_give, sent, verify_pwd_seq_id};

/// A folder for its files. `None` where it is not installed, which is said. With `M26_REQUIRE_OPENSSL`
/// set it has to be.
fn workshop() -> Option<TempDir> {
    let version = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
    if version.is_ok_and(|status| status.success()) {
        return Some(tempfile::tempdir().unwrap());
    }
    let required = std::env::var_os("M26_REQUIRE_OPENSSL").is_some();
    assert!(!required, "M26_REQUIRE_OPENSSL is set, and there is no openssl");
    println!("there is no openssl, so nothing was tested: install it");
    None
}

/// What OpenSSL writes when it is given this.
fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut openssl = Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    openssl.stdin.take().unwrap().write_all(input).unwrap();
    let output = openssl.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    output.stdout
}

/// The text that must have been signed: all of the body but its signature, in clear.
fn text(body: &Value, clear: &[(&str, &str)], secret: Option<&str>) -> String {
    let mut pairs: Vec<(String, String)> = Vec::new();
    for (name, value) in body.as_object().unwrap() {
        let clear = clear.iter().find(|(field, _)| field == name).map(|(_, clear)| *clear);
        let value = clear.unwrap_or(value.as_str().unwrap());
        if name != "signature" {
            pairs.push((name.clone(), value.to_owned()));
        }
    }
    pairs.extend(secret.map(|secret| ("secret".to_owned(), secret.to_owned())));
    pairs.sort();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

#[test]
fn signatures() {
    let Some(folder) = workshop() else { return };
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    std::fs::write(path("key"), Pair::app().public_spki()).unwrap();
    let verifies = |body: &Value, clear: &[(&str, &str)]| {
        let signature = body["signature"].as_str().unwrap();
        std::fs::write(path("sign"), BASE64.decode(signature.as_bytes()).unwrap()).unwrap();
        let (key, sign) = (path("key"), path("sign"));
        let verify = ["dgst", "-sha256", "-keyform", "DER", "-verify", key.to_str().unwrap()];
        let sign = ["-signature", sign.to_str().unwrap()];
        let said = openssl(&[&verify[..], &sign].concat(), text(body, clear, None).as_bytes());
        assert_eq!(said, b"Verified OK\n");
    };
    let (mobile, value) = (("mobile", "13800000000"), ("qualValue", "13800000000"));
    verifies(&sent(&app(), &red_packet_give()).1, &[mobile, ("pointAt", "150")]);
    verifies(&sent(&app(), &qual_send()).1, &[value, ("count", "2")]);
    verifies(&sent(&app(), &qual_reduce()).1, &[value]);
    verifies(&sent(&app(), &verify_pwd_seq_id()).1, &[]);
}

#[test]
fn digests() {
    if workshop().is_none() {
        return;
    }
    let digest = |text: String| {
        let said = openssl(&["dgst", "-sha256", "-r"], text.as_bytes());
        String::from_utf8(said).unwrap().split(' ').next().unwrap().to_owned()
    };
    let (_, body) = sent(&app(), &GetBackendToken);
    assert_eq!(body["signature"], digest(text(&body, &[], Some("dev-secret"))));
    let quirk = app().signing::<VerifyPwdSeqId>(Signing::SHA256);
    let (_, body) = sent(&quirk, &verify_pwd_seq_id());
    assert_eq!(body["signature"], digest(text(&body, &[], None)));
}

#[test]
fn ciphers() {
    if workshop().is_none() {
        return;
    }
    for (cipher, key) in [("-des-ede3", KEY), ("-des-ede", &KEY[..32])] {
        let ours = SymmetricKey::new(key).unwrap();
        for text in ["1", "1234567", "12345678", "张三", "6200000000000000", "a b\nc"] {
            let run = |way: &str, input: &[u8]| {
                openssl(&["enc", cipher, way, "-K", key, "-base64", "-A"], input)
            };
            let cipher_text = ours.encrypt(text);
            assert_eq!(run("-d", cipher_text.as_bytes()), text.as_bytes(), "{text}");
            let theirs = String::from_utf8(run("-e", text.as_bytes())).unwrap();
            assert_eq!(ours.decrypt(&theirs).as_deref(), Ok(text));
        }
    }
}
