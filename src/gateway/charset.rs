//! The charset of requests and answers.

use std::borrow::Cow;

use encoding_rs::{Encoding, GB18030, GBK, UTF_8};

/// The charset in which a request is written and signed.
///
/// Alipay's open platform takes UTF-8 and GBK (`charset`, spec 付款码支付 step 3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Charset {
    /// `utf-8`.
    #[default]
    Utf8,
    /// `GBK`.
    Gbk,
}

impl Charset {
    /// As the parameter `charset` says it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Gbk => "GBK",
        }
    }

    /// The bytes of a text, or the first character that the charset does not have.
    pub(crate) fn encode(self, text: &str) -> Result<Cow<'_, [u8]>, char> {
        match self {
            Self::Utf8 => Ok(Cow::Borrowed(text.as_bytes())),
            Self::Gbk => match GBK.encode(text) {
                (bytes, _, false) => Ok(bytes),
                _ => {
                    let missing = |one: &char| GBK.encode(one.encode_utf8(&mut [0; 4])).2;
                    Err(text.chars().find(missing).unwrap_or(char::REPLACEMENT_CHARACTER))
                }
            },
        }
    }

    pub(crate) fn encoding(self) -> &'static Encoding {
        match self {
            Self::Utf8 => UTF_8,
            Self::Gbk => GBK,
        }
    }
}

/// A body as text, by the charset that its header names, with a way back to its bytes.
#[derive(Debug)]
pub(crate) struct Decoded<'a> {
    pub(crate) text: Cow<'a, str>,
    bytes: &'a [u8],
    encoding: &'static Encoding,
}

/// Why a body is no text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undecodable {
    /// It has bytes that the charset does not have.
    Bytes,
    /// The header names a charset that no gateway answers in.
    Charset,
}

impl<'a> Decoded<'a> {
    /// Decodes a body by the charset in its `Content-Type`. Where that names none, in the charset
    /// of the request: not specified; chosen because the platforms answer in that one.
    pub(crate) fn new(
        bytes: &'a [u8],
        content_type: Option<&str>,
        asked: Charset,
    ) -> Result<Self, Undecodable> {
        let encoding = match content_type.and_then(charset_of) {
            Some(name) => Encoding::for_label(name.as_bytes()).ok_or(Undecodable::Charset)?,
            None => asked.encoding(),
        };
        // Other charsets that agree with ASCII say the same where there is nothing else.
        let encoding = match encoding {
            known if is_known(known) => known,
            other if other.is_ascii_compatible() && bytes.is_ascii() => UTF_8,
            _ => return Err(Undecodable::Charset),
        };
        let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
        Ok(Self { text: text.ok_or(Undecodable::Bytes)?, bytes, encoding })
    }

    /// The bytes behind a part of the text, as they came. `start` and `end` are positions in the
    /// text between characters.
    pub(crate) fn raw(&self, start: usize, end: usize) -> &'a [u8] {
        if self.encoding == UTF_8 {
            return &self.bytes[start..end];
        }
        let first = self.raw_length(0, &self.text[..start]);
        let length = self.raw_length(first, &self.text[start..end]);
        &self.bytes[first..first + length]
    }

    /// How many bytes from `from` on make up this text. They are not encoded back: two byte
    /// sequences of GBK can mean the same character, and a signature covers one of them.
    fn raw_length(&self, from: usize, text: &str) -> usize {
        text.chars().fold(0, |length, one| {
            let bytes = self.bytes.get(from + length..).unwrap_or_default();
            length
                + match bytes {
                    _ if one.is_ascii() => 1,
                    // The euro sign of Windows' GBK.
                    [0x80, ..] => 1,
                    [_, b'0'..=b'9', ..] => 4,
                    _ => 2,
                }
        })
    }
}

/// The charset that has this name, if it is one in which the platforms write.
pub(crate) fn named(name: &[u8]) -> Option<&'static Encoding> {
    Encoding::for_label(name).filter(|known| is_known(known))
}

/// The `charset` of a `Content-Type`.
pub(crate) fn charset_of(content_type: &str) -> Option<&str> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let value = value.trim().trim_matches('"');
        (name.trim().eq_ignore_ascii_case("charset") && !value.is_empty()).then_some(value)
    })
}

/// Whether the platforms write in it. GB2312 is a part of GBK, and is read as that.
fn is_known(encoding: &'static Encoding) -> bool {
    [UTF_8, GBK, GB18030].contains(&encoding)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_header_says_which() {
        let gbk = GBK.encode("系统繁忙").0;
        let decode = |content_type| Decoded::new(&gbk, content_type, Charset::Utf8);
        assert_eq!(decode(Some("text/html;charset=GBK")).unwrap().text, "系统繁忙");
        assert_eq!(decode(Some("text/html; Charset=\"gb2312\"")).unwrap().text, "系统繁忙");
        assert_eq!(decode(Some("text/html")).unwrap_err(), Undecodable::Bytes);
        assert_eq!(decode(Some("text/html;charset=utf-8")).unwrap_err(), Undecodable::Bytes);
        assert_eq!(decode(Some("text/html;charset=Big5")).unwrap_err(), Undecodable::Charset);
        assert_eq!(decode(Some("text/html;charset=none")).unwrap_err(), Undecodable::Charset);
        let ascii = Decoded::new(b"{}", Some("text/html;charset=ISO-8859-1"), Charset::Gbk);
        assert_eq!(ascii.unwrap().text, "{}");
    }

    #[test]
    fn what_a_charset_does_not_have_is_named() {
        assert_eq!(Charset::Gbk.encode("版—").unwrap().as_ref(), b"\xb0\xe6\xa1\xaa");
        assert_eq!(Charset::Gbk.encode("a😀b"), Err('😀'));
        assert_eq!(Charset::Utf8.encode("😀").unwrap().len(), 4);
    }

    proptest! {
        #[test]
        fn every_part_goes_back_to_its_bytes(parts in prop::collection::vec("[a誠€系𠀀é\\\\\"]{0,6}", 3)) {
            let encoding = GB18030;
            let bytes = |text: &str| encoding.encode(text).0.into_owned();
            let body = bytes(&parts.concat());
            let decoded = Decoded::new(&body, Some("a/b;charset=gb18030"), Charset::Utf8).unwrap();
            let (start, end) = (parts[0].len(), parts[0].len() + parts[1].len());
            prop_assert_eq!(decoded.raw(start, end), &bytes(&parts[1])[..]);
        }
    }
}
