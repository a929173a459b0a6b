//! The encoding of the name in a user data.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use encoding_rs::{DecoderResult, GB18030};

use crate::advice::{self, Advice};
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
///
/// **The bytes of a name are compared with [`has_bytes_of`](Self::has_bytes_of), not by decoding
/// them.** GB18030 has changed its mind about 98 pairs of bytes: they were private code points of
/// Unicode first, and got code points of their own later. The name that a card system holds may
/// have the one, and what is decoded here has the other: the bytes A6 EC are U+E794 up to
/// GB18030-2005 and U+FE17 since GB18030-2022.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Charset {
    /// GB18030, which contains GBK, which contains GB2312.
    Gb18030,
    /// UTF-8.
    Utf8,
}

impl Charset {
    /// Those that a name may be in: any, if its encoding or the number of that is not known.
    pub(super) fn possible(encoding: Option<Encoding>) -> impl Iterator<Item = Self> {
        let known = encoding.and_then(Encoding::charset);
        let all = [Self::Gb18030, Self::Utf8];
        all.into_iter().filter(move |charset| known.is_none_or(|known| known == *charset))
    }

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

    /// Whether these bytes are this text as it is coded: both are read back from the character set,
    /// so that an older code point and the one of today are the same character.
    ///
    /// ```
    /// use m26_pay::campus::charset::Charset;
    ///
    /// // The character 䶮 has the private code point U+E863 where a system was made for GBK.
    /// for name in ["黄䶮", "黄\u{e863}"] {
    ///     assert!(Charset::Gb18030.has_bytes_of(b"\xbb\xc6\xfe\x9f", name));
    /// }
    /// assert!(!Charset::Gb18030.has_bytes_of(b"\xbb\xc6\xfe\x9f", "黄明"));
    /// ```
    #[must_use]
    pub fn has_bytes_of(self, bytes: &[u8], text: &str) -> bool {
        match self {
            Self::Gb18030 => {
                self.decode(bytes).is_ok_and(|read| read_back(&read) == read_back(text))
            }
            Self::Utf8 => bytes == text.as_bytes(),
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

impl CharsetError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::UNREADABLE
    }
}

/// A text with the code points of today in place of older private ones.
fn read_back(text: &str) -> Cow<'_, str> {
    if text.chars().any(|char| PRIVATE.contains(&char)) {
        Cow::Owned(text.chars().map(of_today).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// The code point of today for the bytes that a private code point stood for.
fn of_today(char: char) -> char {
    let mut text = [0; 4];
    let coded = match u32::from(char).checked_sub(OF_GBK_FIRST) {
        // The second byte counts up from 50 and passes over 7F.
        Some(index @ 0..OF_GBK_COUNT) => {
            let second = 0x50 + index as u8;
            Some(Cow::Owned(vec![0xfe, second + u8::from(second >= 0x7f)]))
        }
        _ if PRIVATE.contains(&char) => Charset::Gb18030.encode(char.encode_utf8(&mut text)),
        _ => None,
    };
    let read = coded.and_then(|bytes| Charset::Gb18030.decode(&bytes).ok()?.chars().next());
    read.unwrap_or(char)
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

/// The private code points of Unicode's first plane.
const PRIVATE: RangeInclusive<char> = '\u{e000}'..='\u{f8ff}';
/// Where GBK had the 80 characters from FE 50 to FE A0, in this order. All but eight moved with
/// GB18030-2000 (its appendix E), those with GB18030-2022.
const OF_GBK_FIRST: u32 = 0xe815;
const OF_GBK_COUNT: u32 = 80;
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

    /// The 18 that GB18030-2022 moved, both ends of those of GBK, and one between that passes the
    /// missing 7F.
    #[test]
    fn a_character_that_moved_is_the_same_character() {
        for (before, today, bytes) in [
            ('\u{e78d}', '\u{fe10}', [0xa6, 0xd9]),
            ('\u{e78e}', '\u{fe12}', [0xa6, 0xda]),
            ('\u{e78f}', '\u{fe11}', [0xa6, 0xdb]),
            ('\u{e790}', '\u{fe13}', [0xa6, 0xdc]),
            ('\u{e791}', '\u{fe14}', [0xa6, 0xdd]),
            ('\u{e792}', '\u{fe15}', [0xa6, 0xde]),
            ('\u{e793}', '\u{fe16}', [0xa6, 0xdf]),
            ('\u{e794}', '\u{fe17}', [0xa6, 0xec]),
            ('\u{e795}', '\u{fe18}', [0xa6, 0xed]),
            ('\u{e796}', '\u{fe19}', [0xa6, 0xf3]),
            ('\u{e81e}', '龴', [0xfe, 0x59]),
            ('\u{e826}', '龵', [0xfe, 0x61]),
            ('\u{e82b}', '龶', [0xfe, 0x66]),
            ('\u{e82c}', '龷', [0xfe, 0x67]),
            ('\u{e832}', '龸', [0xfe, 0x6d]),
            ('\u{e843}', '龹', [0xfe, 0x7e]),
            ('\u{e854}', '龺', [0xfe, 0x90]),
            ('\u{e864}', '龻', [0xfe, 0xa0]),
            ('\u{e815}', '⺁', [0xfe, 0x50]),
            ('\u{e844}', '䜣', [0xfe, 0x80]),
            ('\u{e863}', '䶮', [0xfe, 0x9f]),
        ] {
            for char in [before, today] {
                assert!(Charset::Gb18030.has_bytes_of(&bytes, &char.to_string()), "{char:?}");
            }
            assert!(!Charset::Gb18030.has_bytes_of(&bytes, "李"), "{today}");
            assert!(!Charset::Utf8.has_bytes_of(before.to_string().as_bytes(), &today.to_string()));
        }
    }

    #[test]
    fn other_private_characters_are_themselves() {
        for char in ['\u{e000}', '\u{e5e5}', '\u{e814}', '\u{e865}', '\u{f8ff}'] {
            assert_eq!(of_today(char), char, "{char:?}");
        }
    }

    /// Any characters, private ones among them.
    fn any_text() -> impl Strategy<Value = String> {
        let private = proptest::char::range(*PRIVATE.start(), *PRIVATE.end());
        let any = prop_oneof![any::<char>(), private];
        proptest::collection::vec(any, 0..20).prop_map(String::from_iter)
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_that_text(text in any_text(), other in any_text()) {
            for charset in [Charset::Gb18030, Charset::Utf8] {
                let Some(bytes) = charset.encode(&text) else { continue };
                prop_assert!(charset.has_bytes_of(&bytes, &text));
                let read = charset.decode(&bytes).unwrap();
                prop_assert!(charset.has_bytes_of(&bytes, &read));
                prop_assert_eq!(
                    charset.has_bytes_of(&bytes, &other),
                    read_back(&text) == read_back(&other)
                );
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
