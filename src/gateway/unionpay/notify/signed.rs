//! Whether UnionPay has signed what came.

use data_encoding::BASE64_NOPAD;

use super::pairs::{Pair, Pairs};
use super::{NoticeError, Values};
use crate::gateway::Verifier;
use crate::gateway::unionpay::signature::text;

/// The values of a notification that UnionPay has signed (7.5), as they were signed.
///
/// What was signed is not certain, so each reading of it is tried, and one that verifies is right:
///
/// * values that are empty are left out (7.5), or signed as `name=` (5.8.1 note 4);
/// * a raw `+` of a form stands for itself, or for a blank where no base64 is (7.8 no. 13);
/// * blanks around names and values were not signed (the sample of 5.3.2 has `" transNo"`), or were.
pub(super) fn verified(pairs: &Pairs, key: &dyn Verifier) -> Result<Values, NoticeError> {
    let pairs = &pairs.pairs;
    let signature = pairs.iter().find(|pair| pair.name.trim() == SIGNATURE);
    let signature = signature.ok_or(NoticeError::Unsigned)?;
    let signature = mend(&signature.value);
    let signature = BASE64_NOPAD
        .decode(signature.trim_end_matches('=').as_bytes())
        .map_err(|_| NoticeError::Unverified)?;
    let mut tried = Vec::new();
    for reading in READINGS {
        let read: Vec<(&str, String)> = pairs
            .iter()
            .filter(|pair| ![SIGNATURE, SYMMETRIC_KEY].contains(&pair.name.trim()))
            .map(|pair| reading.read(pair))
            .collect();
        let signed = read.iter().filter(|(_, value)| reading.empties || !value.trim().is_empty());
        let signed = text(signed.map(|(name, value)| (*name, value.as_str())).collect());
        if tried.contains(&signed) {
            continue;
        }
        if key.verify(signed.as_bytes(), &signature) {
            return Ok(Values::new(read));
        }
        tried.push(signed);
    }
    Err(NoticeError::Unverified)
}

/// One way to read what came.
#[derive(Clone, Copy)]
struct Reading {
    /// Whether values that are empty were signed.
    empties: bool,
    /// Whether a raw `+` is a blank, where no base64 is.
    spaced: bool,
    /// Whether blanks around names and values were not signed.
    trimmed: bool,
}

impl Reading {
    fn read(self, pair: &Pair) -> (&str, String) {
        let name = if self.trimmed { pair.name.trim() } else { &pair.name };
        if BASE64_FIELDS.contains(&pair.name.trim()) {
            return (name, mend(&pair.value));
        }
        let value = pair.spaced.as_ref().filter(|_| self.spaced).unwrap_or(&pair.value);
        let value = if self.trimmed { value.trim() } else { value };
        (name, value.to_owned())
    }
}

/// A base64 text in which somebody took a `+` for a blank (7.8 no. 13).
fn mend(text: &str) -> String {
    text.trim().replace(' ', "+")
}

const READINGS: [Reading; 8] = {
    const fn reading(empties: bool, spaced: bool, trimmed: bool) -> Reading {
        Reading { empties, spaced, trimmed }
    }
    [
        reading(false, false, true),
        reading(true, false, true),
        reading(false, true, true),
        reading(true, true, true),
        reading(false, false, false),
        reading(true, false, false),
        reading(false, true, false),
        reading(true, true, false),
    ]
};

const SIGNATURE: &str = "signature";

/// 7.5 leaves it out.
const SYMMETRIC_KEY: &str = "symmetricKey";

const BASE64_FIELDS: [&str; 1] = ["openId"];
