//! 3DES for the fields that ask for it.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use des::TdesEde3;
use des::cipher::{Block, BlockCipherDecrypt as _, BlockCipherEncrypt as _, KeyInit as _};
use zeroize::Zeroizing;

use crate::advice::{self, Advice};
use crate::argument::{InvalidArgument, InvalidReason};

/// The key that an application shares with UnionPay for single fields (`symmetricKey`, 2.4.2).
///
/// ```text
/// DESede/ECB/PKCS5Padding, the text in UTF-8, the result in base64; "" is ""
/// ```
///
/// It does not show itself, and its numbers are overwritten when it is dropped. ECB hides no pattern
/// and proves nothing: equal texts are equal ciphers, and who changes a cipher changes the text.
/// What protects a call is TLS.
#[derive(Clone)]
pub struct SymmetricKey(TdesEde3);

impl SymmetricKey {
    /// A key in hex: 48 digits are three keys, 32 are two, of which the first is also the third
    /// (K1 K2 K1). UnionPay says neither number.
    ///
    /// # Errors
    /// If it is something else.
    pub fn new(hex: &str) -> Result<Self, InvalidArgument> {
        let error = |reason| InvalidArgument { field: "symmetricKey", reason };
        let other = hex.bytes().enumerate().find(|(_, byte)| !byte.is_ascii_hexdigit());
        if let Some((position, byte)) = other {
            return Err(error(InvalidReason::Byte { byte, position }));
        }
        let length = || error(InvalidReason::Rule("must have 32 or 48 hex digits"));
        let bytes = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).map_err(|_| length())?;
        let mut bytes = Zeroizing::new(bytes);
        if bytes.len() == 16 {
            let mut three = Zeroizing::new(Vec::with_capacity(24));
            three.extend_from_slice(&bytes);
            three.extend_from_slice(&bytes[..8]);
            bytes = three;
        }
        TdesEde3::new_from_slice(&bytes).map(Self).map_err(|_| length())
    }

    /// A text as it is sent.
    #[must_use]
    pub fn encrypt(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let pad = BLOCK - text.len() % BLOCK;
        let mut bytes = Zeroizing::new(Vec::with_capacity(text.len() + pad));
        bytes.extend_from_slice(text.as_bytes());
        bytes.resize(text.len() + pad, u8::try_from(pad).unwrap_or_default());
        let (blocks, _) = Block::<TdesEde3>::slice_as_chunks_mut(&mut bytes);
        self.0.encrypt_blocks(blocks);
        BASE64.encode(&bytes)
    }

    /// The text behind what was sent. White space in the base64 is no part of it.
    ///
    /// # Errors
    /// If it is no base64, or was not encrypted by this key. It shows nothing of it.
    pub fn decrypt(&self, cipher: &str) -> Result<String, DecryptError> {
        let dense: Vec<u8> = cipher.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
        if dense.is_empty() {
            return Ok(String::new());
        }
        let mut bytes = Zeroizing::new(BASE64.decode(&dense).map_err(|_| DecryptError)?);
        let (blocks, rest) = Block::<TdesEde3>::slice_as_chunks_mut(&mut bytes);
        if !rest.is_empty() {
            return Err(DecryptError);
        }
        self.0.decrypt_blocks(blocks);
        let text = unpadded(&bytes).ok_or(DecryptError)?;
        std::str::from_utf8(text).map(str::to_owned).map_err(|_| DecryptError)
    }
}

/// What is before the padding: so many bytes at the end as each of them says, 1 to 8 (RFC 8018, 6.1.1).
fn unpadded(bytes: &[u8]) -> Option<&[u8]> {
    let pad = usize::from(*bytes.last()?);
    if !(1..=BLOCK).contains(&pad) {
        return None;
    }
    let (text, padding) = bytes.split_at_checked(bytes.len().checked_sub(pad)?)?;
    padding.iter().all(|byte| usize::from(*byte) == pad).then_some(text)
}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SymmetricKey([redacted])")
    }
}

/// A text could not be decrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("what came is no base64 of 3DES under this symmetric key: check the key")]
pub struct DecryptError;

impl DecryptError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::unionpay::SYMMETRIC_KEY
    }
}

const BLOCK: usize = 8;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const THREE: &str = "1122334455667788aabbccddeeff00119988776655443322";

    #[test]
    fn the_vector() {
        let key = SymmetricKey::new(THREE).unwrap();
        let cipher = "t1K2uuCAGDIrGdo/gWjrEBwzT6ZcO8OE";
        assert_eq!(key.encrypt("6200000000000000"), cipher);
        assert_eq!(key.decrypt(cipher).as_deref(), Ok("6200000000000000"));
        assert_eq!(key.decrypt(" t1K2uuCAGDIrGdo/gWjr\r\nEBwzT6ZcO8OE\n"), key.decrypt(cipher));
        assert_eq!(key.encrypt(""), "");
        assert_eq!(key.decrypt(""), Ok(String::new()));
    }

    #[test]
    fn two_keys_are_the_first_twice() {
        let two = SymmetricKey::new(&THREE[..32]).unwrap();
        let three = SymmetricKey::new(&format!("{}{}", &THREE[..32], &THREE[..16])).unwrap();
        assert_eq!(two.encrypt("张三"), three.encrypt("张三"));
        let upper = SymmetricKey::new(&THREE.to_uppercase()).unwrap();
        assert_eq!(upper.encrypt("a"), SymmetricKey::new(THREE).unwrap().encrypt("a"));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for hex in ["", "11", &THREE[..16], &THREE[..31], &THREE[..47], &format!("{THREE}00")] {
            let error = SymmetricKey::new(hex).unwrap_err();
            assert_eq!(error.to_string(), "symmetricKey must have 32 or 48 hex digits", "{hex}");
        }
        // A text taken for hex (trap 52).
        let error = SymmetricKey::new("0123456789abcdeg").unwrap_err();
        assert_eq!(error.reason, InvalidReason::Byte { byte: b'g', position: 15 });
        let shown = format!("{:?}", SymmetricKey::new(THREE).unwrap());
        assert_eq!(shown, "SymmetricKey([redacted])");
    }

    #[test]
    fn what_is_no_cipher_of_this_key_is_refused() {
        let key = SymmetricKey::new(THREE).unwrap();
        let other = SymmetricKey::new(&THREE[..32]).unwrap();
        let mut cut = BASE64.decode(key.encrypt("13800000000").as_bytes()).unwrap();
        cut.pop();
        for cipher in ["1", "版", "AAAA", &BASE64.encode(&cut), &other.encrypt("13800000000")] {
            assert_eq!(key.decrypt(cipher), Err(DecryptError), "{cipher}");
        }
    }

    proptest! {
        #[test]
        fn what_is_encrypted_is_decrypted(text in any::<String>(), two in any::<bool>()) {
            let key = SymmetricKey::new(if two { &THREE[..32] } else { THREE }).unwrap();
            let cipher = key.encrypt(&text);
            prop_assert_eq!(cipher.is_empty(), text.is_empty());
            prop_assert_eq!(key.decrypt(&cipher), Ok(text));
        }

        #[test]
        fn whatever_comes_does_no_harm(cipher in any::<String>(), bytes: Vec<u8>) {
            let key = SymmetricKey::new(THREE).unwrap();
            let _ = key.decrypt(&cipher);
            let _ = key.decrypt(&BASE64.encode(&bytes));
        }
    }
}
