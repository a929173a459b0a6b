//! The encoding of the name in a user data.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, GB18030};

use crate::codes::codes;

codes! {
    /// What the SDK says about the encoding of the name (spec, 6: `data_encode_type`).
    ///
    /// The spec names no numbers and says that it is usually GB2312. These two are those of one
    /// public build of the SDK; any other is kept, and what it encodes is handed out as bytes.
    ///
    /// ```
    /// use m26_pay::campus::charset::{Charset, Encoding};
    ///
    /// assert_eq!(Encoding::GB2312.charset(), Some(Charset::Gb18030));
    /// assert_eq!(Encoding(7).charset(), None);
    /// assert_eq!(Encoding(7).to_string(), "7 (unknown code)");
    /// ```
    Encoding(u32) {
        0 GB2312 "GB2312",
        1 UTF_8 "UTF-8",
    }
}

impl Encoding {
    /// What decodes it, or `None` for a number that is not known.
    #[must_use]
    pub const fn charset(self) -> Option<Charset> {
        match self {
            Self::GB2312 => Some(Charset::Gb18030),
            Self::UTF_8 => Some(Charset::Utf8),
            Self(_) => None,
        }
    }
}

/// A character set that can be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Charset {
    /// GB18030, which contains GBK, which contains GB2312.
    Gb18030,
    /// UTF-8.
    Utf8,
}

impl Charset {
    /// The text that these bytes are: borrowed if they are UTF-8 as they stand, as ASCII always
    /// is. A byte order mark is a character like any other, and nothing is replaced.
    ///
    /// ```
    /// use m26_pay::campus::charset::Charset;
    ///
    /// assert_eq!(Charset::Gb18030.decode(b"\xc0\xee\xc3\xf7")?, "李明");
    /// assert_eq!(Charset::Utf8.decode("李明".as_bytes())?, "李明");
    /// assert_eq!(Charset::Gb18030.decode(b"Li\xff").unwrap_err().position, 2);
    /// # Ok::<(), m26_pay::campus::charset::CharsetError>(())
    /// ```
    ///
    /// # Errors
    /// If they are no text of this character set, with the position of the first byte that is
    /// wrong.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, CharsetError> {
        match self {
            Self::Gb18030 => GB18030
                .decode_without_bom_handling_and_without_replacement(bytes)
                .ok_or_else(|| CharsetError { charset: self, position: malformed(bytes) }),
            Self::Utf8 => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Cow::Borrowed(text)),
                Err(error) => Err(CharsetError { charset: self, position: error.valid_up_to() }),
            },
        }
    }

    /// The bytes of a text, or `None` if it has a character that the character set has not.
    #[must_use]
    pub fn encode(self, text: &str) -> Option<Cow<'_, [u8]>> {
        match self {
            Self::Gb18030 => {
                let (bytes, _, unmappable) = GB18030.encode(text);
                (!unmappable).then_some(bytes)
            }
            Self::Utf8 => Some(Cow::Borrowed(text.as_bytes())),
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gb18030 => "GB18030",
            Self::Utf8 => "UTF-8",
        }
    }
}

/// Why bytes are not text. It does not show the bytes, since they may be most of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {} at byte {position}", .charset.name())]
pub struct CharsetError {
    /// What they should have been.
    pub charset: Charset,
    /// The first byte that is wrong, counted from 0.
    pub position: usize,
}

/// The first byte that is not GB18030. The decoder of the text does not report it.
fn malformed(bytes: &[u8]) -> usize {
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let mut text = [0; SCRATCH];
    let mut done = 0;
    while let Some(rest) = bytes.get(done..) {
        let (result, read, _) = decoder.decode_to_utf8_without_replacement(rest, &mut text, true);
        done += read;
        match result {
            DecoderResult::InputEmpty => break,
            DecoderResult::Malformed(length, after) => {
                return done.saturating_sub(usize::from(length) + usize::from(after));
            }
            DecoderResult::OutputFull => {}
        }
    }
    done
}

/// Enough for a name in one go; a longer one takes several.
const SCRATCH: usize = 256;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_borrowed_when_it_can_be() {
        let borrowed =
            |charset: Charset, bytes| matches!(charset.decode(bytes), Ok(Cow::Borrowed(_)));
        assert!(borrowed(Charset::Gb18030, b"Li Ming"));
        assert!(borrowed(Charset::Utf8, "李明".as_bytes()));
        assert!(!borrowed(Charset::Gb18030, b"\xc0\xee"));
    }

    #[test]
    fn characters_beyond_gb2312_decode() {
        // GBK alone has 镕, and GB18030 alone, in four bytes, has 𠮷.
        for name in ["朱镕", "𠮷"] {
            let bytes = Charset::Gb18030.encode(name).unwrap();
            assert_eq!(Charset::Gb18030.decode(&bytes).unwrap(), name);
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_order() {
        assert_eq!(Charset::Utf8.decode(b"\xef\xbb\xbfA").unwrap(), "\u{feff}A");
        // UTF-16's mark is no GB18030.
        assert_eq!(Charset::Gb18030.decode(b"\xff\xfeA\0").unwrap_err().position, 0);
        // The bytes of UTF-8's mark are two characters and a half.
        assert_eq!(Charset::Gb18030.decode(b"\xef\xbb\xbf").unwrap_err().position, 2);
    }

    #[test]
    fn the_position_is_that_of_the_character_that_breaks_off() {
        for (bytes, position) in [
            (&b"\xc0\xee\xc3"[..], 2),
            (b"\xc0\xee\xff\xc3\xf7", 2),
            (b"\xc0\xee\xc3\x20", 2),
            (b"A\x81\x30\x81", 1),
            (b"A\x81\x30\x81\x20\x20", 1),
        ] {
            assert_eq!(
                Charset::Gb18030.decode(bytes).unwrap_err().position,
                position,
                "{bytes:x?}"
            );
        }
        let late = [&[b'A'; 1000][..], b"\xff"].concat();
        assert_eq!(Charset::Gb18030.decode(&late).unwrap_err().position, 1000);
    }

    proptest! {
        #[test]
        fn what_is_encoded_decodes(text in any::<String>()) {
            for charset in [Charset::Gb18030, Charset::Utf8] {
                if let Some(bytes) = charset.encode(&text) {
                    prop_assert_eq!(charset.decode(&bytes).unwrap(), &text[..]);
                }
            }
        }

        #[test]
        fn what_is_no_text_is_no_text_from_there_on(
            bytes in proptest::collection::vec(any::<u8>(), 0..600)
        ) {
            for charset in [Charset::Gb18030, Charset::Utf8] {
                if let Err(error) = charset.decode(&bytes) {
                    prop_assert!(error.position < bytes.len());
                    prop_assert!(charset.decode(&bytes[..error.position]).is_ok());
                }
            }
        }
    }
}
