//! [`Code`]: a campus code, as it was scanned.

use std::fmt;

use crate::advice::{self, Advice};
use crate::secret::Secret;

/// The bytes of a campus code, as the scanner read them. They print as redacted.
///
/// A code is about 280 bytes of binary data and must never be converted to a string: "码值是byte数组,
/// 不是string" (spec, 7). So it is made only from bytes, and nothing is stripped from them: any byte
/// may be the last one of a code.
///
/// ```
/// use m26_pay::campus::decoder::Code;
///
/// let code = Code::new(&[0x02, 0x01, 0xff])?;
/// assert_eq!(code.expose(), [0x02, 0x01, 0xff]);
/// assert_eq!(format!("{code:?}"), "Code([redacted])");
/// assert!(Code::new(&[]).is_err());
/// # Ok::<(), m26_pay::campus::decoder::InvalidCode>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Code(Secret<Box<[u8]>>);

impl Code {
    /// The greatest length in bytes. Not specified ("280字节左右", spec, 7); chosen because
    /// the largest QR code holds no more (ISO/IEC 18004, version 40-L, 8-bit bytes).
    pub const MAX_LENGTH: usize = 2953;

    /// A code of 1 to [`MAX_LENGTH`](Self::MAX_LENGTH) bytes.
    ///
    /// # Errors
    /// If there are none or more.
    pub fn new(bytes: &[u8]) -> Result<Self, InvalidCode> {
        match bytes.len() {
            0 => Err(InvalidCode::Empty),
            1..=Self::MAX_LENGTH => Ok(Self(Secret::new(bytes.into()))),
            length => Err(InvalidCode::TooLong { length }),
        }
    }

    /// The bytes, for where they have to be used.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// Signs that the bytes are not the code as it was scanned, if there are any.
    ///
    /// This helps to find the cause of a refusal. It is not a reason to refuse a code: no document says
    /// that a valid code cannot look like this.
    ///
    /// ```
    /// use m26_pay::campus::decoder::{Code, Suspicion};
    ///
    /// let mangled = String::from_utf8_lossy(b"\x02\x01\xff\xfe").into_owned();
    /// let code = Code::new(mangled.as_bytes())?;
    /// assert_eq!(code.suspicion(), Some(Suspicion::ReplacementCharacters));
    /// # Ok::<(), m26_pay::campus::decoder::InvalidCode>(())
    /// ```
    #[must_use]
    pub fn suspicion(&self) -> Option<Suspicion> {
        let bytes = self.expose();
        let printable = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
        if memchr::memmem::find(bytes, REPLACEMENT_CHARACTER).is_some() {
            Some(Suspicion::ReplacementCharacters)
        } else if bytes.iter().all(printable) {
            Some(Suspicion::Text)
        } else if bytes.len() >= LONG && !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok() {
            Some(Suspicion::Utf8)
        } else {
            None
        }
    }
}

/// Why bytes from a scanner do not look like a campus code, or look damaged.
///
/// Each has the same cause (spec, 7): between the scanner and this program the bytes were converted to
/// a string. Set the scanner to give raw bytes, without keyboard emulation and without a conversion of
/// character sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Suspicion {
    /// They hold U+FFFD in UTF-8, by which a conversion replaces a byte that it cannot convert.
    ReplacementCharacters,
    /// All of them are printable ASCII: perhaps hex or base64 of the code, or another kind of code.
    Text,
    /// There are many, and all of them are valid UTF-8, which the bytes of a code hardly ever are by
    /// chance: perhaps each byte was taken for a character and written as UTF-8.
    Utf8,
}

impl fmt::Display for Suspicion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ReplacementCharacters => {
                "the code holds replacement characters, so it passed through a string, which destroyed it: have the scanner hand over raw bytes"
            }
            Self::Text => {
                "the code is printable text, and a campus code is binary: have the scanner hand over raw bytes, not hex, base64 or key strokes"
            }
            Self::Utf8 => {
                "the code is UTF-8 throughout, so it seems to have passed through a string: have the scanner hand over raw bytes"
            }
        })
    }
}

/// Why bytes are not a [`Code`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidCode {
    /// There are none.
    #[error("the code is empty")]
    Empty,
    /// There are too many.
    #[error(
        "the code has {length} bytes, at most {} are allowed: is it one code, and not several read in a row?",
        Code::MAX_LENGTH
    )]
    TooLong {
        /// How many there are.
        length: usize,
    },
}

impl InvalidCode {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::NOT_A_CODE
    }
}

/// U+FFFD in UTF-8.
const REPLACEMENT_CHARACTER: &[u8] = "\u{fffd}".as_bytes();

/// The length from which valid UTF-8 cannot be chance: of random strings of 64 bytes, fewer than
/// one in 10^10 is UTF-8.
const LONG: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bytes_up_to_the_limit() {
        assert_eq!(Code::new(&[]), Err(InvalidCode::Empty));
        let longest = [0xa5; Code::MAX_LENGTH];
        assert_eq!(Code::new(&longest).unwrap().expose(), longest);
        let error = Code::new(&[0xa5; Code::MAX_LENGTH + 1]).unwrap_err();
        assert!(error.to_string().contains("2954 bytes, at most 2953"), "{error}");
    }

    #[test]
    fn what_passed_through_a_string_is_suspected() {
        let suspicion = |bytes: &[u8]| Code::new(bytes).unwrap().suspicion();
        let raw: Vec<u8> = (0..=255).collect();
        assert_eq!(suspicion(&raw), None);
        let lossy = String::from_utf8_lossy(&raw);
        assert_eq!(suspicion(lossy.as_bytes()), Some(Suspicion::ReplacementCharacters));
        let latin1: String = raw.iter().map(|byte| char::from(*byte)).collect();
        assert_eq!(suspicion(latin1.as_bytes()), Some(Suspicion::Utf8));
        assert_eq!(suspicion(b"0201ff\r\n"), Some(Suspicion::Text));
    }
}
