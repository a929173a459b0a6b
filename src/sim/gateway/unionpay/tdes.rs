//! The symmetric key (2.4.2): DESede/ECB/PKCS5Padding, in base64.

use std::fmt;

use data_encoding::{BASE64, HEXLOWER_PERMISSIVE};
use des::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use des::{TdesEde2, TdesEde3};

/// A key of 48 or 32 hexadecimal digits.
pub(super) enum SymmetricKey {
    /// K1 K2 K3.
    Three(TdesEde3),
    /// K1 K2 K1.
    Two(TdesEde2),
}

impl SymmetricKey {
    pub(super) fn read(hex: &str) -> Option<Self> {
        let key = HEXLOWER_PERMISSIVE.decode(hex.as_bytes()).ok()?;
        match key.len() {
            24 => TdesEde3::new_from_slice(&key).ok().map(Self::Three),
            16 => TdesEde2::new_from_slice(&key).ok().map(Self::Two),
            _ => None,
        }
    }

    /// An empty text stays empty, as the spec's code reads it.
    pub(super) fn seal(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let mut bytes = text.as_bytes().to_vec();
        let padding = BLOCK - bytes.len() % BLOCK;
        bytes.resize(bytes.len() + padding, padding.to_le_bytes()[0]);
        for chunk in bytes.chunks_exact_mut(BLOCK) {
            self.block(chunk, true);
        }
        BASE64.encode(&bytes)
    }

    /// Nothing, if it is not base64 of whole blocks with padding and UTF-8 in it.
    pub(super) fn open(&self, text: &str) -> Option<String> {
        if text.is_empty() {
            return Some(String::new());
        }
        let mut bytes = BASE64.decode(text.as_bytes()).ok()?;
        if bytes.len() % BLOCK != 0 {
            return None;
        }
        for chunk in bytes.chunks_exact_mut(BLOCK) {
            self.block(chunk, false);
        }
        let padding = usize::from(*bytes.last()?);
        let end = bytes.len().checked_sub(padding).filter(|_| (1..=BLOCK).contains(&padding))?;
        let padded = bytes[end..].iter().all(|byte| usize::from(*byte) == padding);
        bytes.truncate(end);
        String::from_utf8(bytes).ok().filter(|_| padded)
    }

    fn block(&self, chunk: &mut [u8], seal: bool) {
        let Ok(block) = <&mut Array<u8, _>>::try_from(chunk) else { return };
        match (self, seal) {
            (Self::Three(key), true) => key.encrypt_block(block),
            (Self::Three(key), false) => key.decrypt_block(block),
            (Self::Two(key), true) => key.encrypt_block(block),
            (Self::Two(key), false) => key.decrypt_block(block),
        }
    }
}

impl fmt::Debug for SymmetricKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SymmetricKey(redacted)")
    }
}

const BLOCK: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_of_a_key_come_back() {
        for hex in ["1122334455667788aabbccddeeff0011", KEY] {
            let key = SymmetricKey::read(hex).unwrap_or_else(|| panic!("{hex} is a key"));
            for text in ["", "1", "13800000000", "12345678", "厦门"] {
                assert_eq!(key.open(&key.seal(text)).as_deref(), Some(text));
            }
            for text in ["AAAA", "*", "tPAcG+FFZu4="] {
                assert_eq!(key.open(text), None, "{text}");
            }
        }
        for hex in ["", "11", "11223344556677", "zz22334455667788aabbccddeeff0011"] {
            assert!(SymmetricKey::read(hex).is_none(), "{hex}");
        }
    }

    #[test]
    fn it_is_the_vector_of_openssl() {
        let key = SymmetricKey::read(KEY).unwrap_or_else(|| panic!("it is a key"));
        assert_eq!(key.seal("6200000000000000"), "t1K2uuCAGDIrGdo/gWjrEBwzT6ZcO8OE");
    }

    const KEY: &str = "1122334455667788aabbccddeeff00119988776655443322";
}
