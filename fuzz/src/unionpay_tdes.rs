//! 3DES with any key and any text.

use m26_pay::gateway::unionpay::SymmetricKey;

use super::source::{Source, assert_hidden, unfold};

/// Only 32 or 48 hex digits are a key, and it does not show; what is encrypted is decrypted, and by
/// no key is anything else read or does it panic.
///
/// The text up to the first LF is the key, `*` for a sound one; the rest is a text and a cipher at
/// once.
pub fn unionpay_tdes(data: &[u8]) {
    let mut source = Source::new(data);
    let key = unfold(source.until(b'\n'));
    let rest = unfold(source.rest());
    let Ok(key) = std::str::from_utf8(&key) else { return };
    let hex = if key == "*" { SOUND } else { key };
    let sound = [32, 48].contains(&hex.len()) && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let key = match SymmetricKey::new(hex) {
        Ok(key) => key,
        Err(error) => {
            assert!(!sound, "{error}");
            return assert_hidden(&format!("{error} {error:?}"));
        }
    };
    assert!(sound, "that is no key");
    assert!(!format!("{key:?}").contains(hex), "the key shows");
    let text = String::from_utf8_lossy(&rest);
    let cipher = key.encrypt(&text);
    // Whole blocks of eight bytes in base64, and nothing for nothing.
    let blocks = if text.is_empty() { 0 } else { text.len() / 8 + 1 };
    assert_eq!(cipher.len(), (blocks * 8).div_ceil(3) * 4);
    assert_eq!(key.decrypt(&cipher).as_deref(), Ok(&*text));
    match key.decrypt(&text) {
        // What is read from a cipher is what the cipher is made of.
        Ok(clear) if !clear.is_empty() => {
            let dense: String = text.split_ascii_whitespace().collect();
            assert_eq!(key.encrypt(&clear), dense);
        }
        Ok(_) => {}
        Err(error) => assert_hidden(&format!("{error} {error:?}")),
    }
}

const SOUND: &str = "1122334455667788aabbccddeeff00119988776655443322";
