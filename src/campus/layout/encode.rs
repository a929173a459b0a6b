//! [`Card`]: made-up user data, for the fake decoder, for examples and for tests.

use std::fmt;

use super::{FieldKind, Layout};
use crate::advice::{self, Advice};
use crate::campus::charset::Encoding;
use crate::campus::field::{CardType, Field, SchoolNo};

/// What a code says of its holder.
///
/// It prints as redacted, because it may be that of a real person.
///
/// ```
/// use m26_pay::campus::charset::Encoding;
/// use m26_pay::campus::layout::{Card, Layout};
/// use m26_pay::campus::user_data::UserData;
///
/// let card = Card { student_name: "李明".into(), ..Card::sample() };
/// let bytes = Layout::TEMPLATE_5.encode(&card, Encoding::GB2312)?;
/// let user_data = UserData::parse(&Layout::TEMPLATE_5, Encoding::GB2312, &bytes)?;
/// assert_eq!(user_data.school_no(), Some(card.school_no));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Card {
    /// The national number of the school.
    pub school_no: SchoolNo,
    /// The number of the electronic student card.
    pub identify_id: String,
    /// The kind of the card.
    pub card_type: CardType,
    /// Reserved.
    pub card_status: u8,
    /// The student's number in the school.
    pub student_no: String,
    /// The student's name.
    pub student_name: String,
    /// Reserved, and empty at present.
    pub extinfos: Vec<u8>,
}

impl Card {
    /// A made-up card. In template 5 and GB2312 it has 46 bytes.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            school_no: SchoolNo::SAMPLE,
            identify_id: "1234567890123456".into(),
            card_type: CardType::default(),
            card_status: 0,
            student_no: "2020010203".into(),
            student_name: "李小明".into(),
            extinfos: Vec::new(),
        }
    }
}

impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("school_no", &self.school_no)
            .field("card_type", &self.card_type)
            .finish_non_exhaustive()
    }
}

/// Why a card cannot be written by a layout.
///
/// It does not show what the card holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct EncodeError {
    /// The field.
    pub field: Field,
    /// What is wrong with it.
    pub reason: EncodeReason,
}

impl EncodeError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::LAYOUT
    }
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EncodeReason {
    /// It has another length than its place.
    #[error("has {length} bytes, and its place has {expected}")]
    Length {
        /// How many bytes the place has.
        expected: usize,
        /// How many the field has.
        length: usize,
    },
    /// It is not made of digits.
    #[error("is not made of digits alone")]
    NotDigits,
    /// It is too long.
    #[error("has {length} bytes, and a Vars holds at most {limit}")]
    TooLong {
        /// How many bytes it has.
        length: usize,
        /// How many it may have.
        limit: usize,
    },
    /// The number is too great.
    #[error("is too great for its place")]
    TooGreat,
    /// The encoding has no such character, or is not known.
    #[error("cannot be encoded as {0}")]
    Unencodable(Encoding),
}

impl EncodeReason {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::LAYOUT
    }
}

impl Layout {
    /// User data of this card, as the decoder would give it.
    ///
    /// A number in a Vars is written in decimal: `card_type` and `card_status` with two digits, as
    /// the spec writes them. Fields for which the spec has no name are zeros, or an empty Vars.
    ///
    /// # Errors
    /// If the card has something for which the layout has no room.
    pub fn encode(&self, card: &Card, encoding: Encoding) -> Result<Vec<u8>, EncodeError> {
        let mut fields = Vec::new();
        for item in self.items() {
            let at = |reason| EncodeError { field: item.field, reason };
            match Value::of(item.field, card, encoding).map_err(at)? {
                Value::Number(number, digits) => {
                    write_number(&mut fields, number, digits, item.kind)
                }
                Value::Text(text) => write_text(&mut fields, &text, item.kind),
            }
            .map_err(at)?;
        }
        let mut bytes = Vec::with_capacity(fields.len() + usize::from(self.envelope.size()));
        if self.envelope.template_size() > 0 {
            bytes.extend_from_slice(&self.template.0.to_be_bytes());
        }
        if self.envelope.length_size() > 0 {
            let field = self.items().last().map_or(Field::Reserved, |item| item.field);
            let length = vars_length(&fields).map_err(|reason| EncodeError { field, reason })?;
            bytes.push(length);
        }
        bytes.append(&mut fields);
        Ok(bytes)
    }
}

/// A value to be written.
enum Value {
    /// A number, and its least number of decimal digits.
    Number(u64, usize),
    Text(Vec<u8>),
}

impl Value {
    fn of(field: Field, card: &Card, encoding: Encoding) -> Result<Self, EncodeReason> {
        Ok(match field {
            Field::SchoolNo => Self::Number(card.school_no.get(), 10),
            Field::CardType => Self::Number(card.card_type.get().into(), 2),
            Field::CardStatus => Self::Number(card.card_status.into(), 2),
            Field::IdentifyId => Self::Text(card.identify_id.clone().into_bytes()),
            Field::StudentNo => Self::Text(card.student_no.clone().into_bytes()),
            Field::StudentName => {
                let bytes =
                    encoding.charset().and_then(|charset| charset.encode(&card.student_name));
                Self::Text(bytes.ok_or(EncodeReason::Unencodable(encoding))?.into_owned())
            }
            Field::Extinfos => Self::Text(card.extinfos.clone()),
            Field::Reserved => Self::Number(0, 0),
        })
    }
}

fn write_number(
    bytes: &mut Vec<u8>,
    number: u64,
    digits: usize,
    kind: FieldKind,
) -> Result<(), EncodeReason> {
    let below =
        |limit: u64| if number < limit { Ok(number as u8) } else { Err(EncodeReason::TooGreat) };
    match kind {
        FieldKind::Byte => bytes.push(below(256)?),
        FieldKind::High => bytes.push(below(16)? << 4),
        FieldKind::Low => {
            let low = below(16)?;
            if let Some(last) = bytes.last_mut() {
                *last |= low;
            }
        }
        FieldKind::U64 => bytes.extend_from_slice(&number.to_be_bytes()),
        FieldKind::Bytes(count) => {
            let (count, all) = (usize::from(count), number.to_be_bytes());
            let zeros = count.saturating_sub(all.len());
            let (above, kept) = all.split_at(all.len().saturating_sub(count));
            if above.iter().any(|byte| *byte != 0) {
                return Err(EncodeReason::TooGreat);
            }
            bytes.resize(bytes.len() + zeros, 0);
            bytes.extend_from_slice(kept);
        }
        FieldKind::Digits(count) => {
            let text = format!("{number:0width$}", width = usize::from(count));
            return write_text(bytes, text.as_bytes(), kind);
        }
        // There is nothing in it that the spec has a name for.
        FieldKind::Vars if digits == 0 => bytes.push(0),
        FieldKind::Vars => {
            return write_text(bytes, format!("{number:0digits$}").as_bytes(), kind);
        }
    }
    Ok(())
}

fn write_text(bytes: &mut Vec<u8>, text: &[u8], kind: FieldKind) -> Result<(), EncodeReason> {
    if kind == FieldKind::Vars {
        bytes.push(vars_length(text)?);
    } else if text.len() != usize::from(kind.fixed_size()) {
        let expected = kind.fixed_size().into();
        return Err(EncodeReason::Length { expected, length: text.len() });
    }
    if matches!(kind, FieldKind::Digits(_)) && !text.iter().all(u8::is_ascii_digit) {
        return Err(EncodeReason::NotDigits);
    }
    bytes.extend_from_slice(text);
    Ok(())
}

/// The length byte of a Vars.
fn vars_length(contents: &[u8]) -> Result<u8, EncodeReason> {
    let (length, limit) = (contents.len(), usize::from(u8::MAX));
    u8::try_from(length).map_err(|_| EncodeReason::TooLong { length, limit })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::campus::layout::Envelope;
    use crate::campus::template::Template;

    #[test]
    fn the_sample_is_46_bytes() {
        let bytes = Layout::TEMPLATE_5.encode(&Card::sample(), Encoding::GB2312).unwrap();
        let expected = [
            &[0, 0, 0, 0, 0xf7, 0x6b, 0x6b, 0x74][..],
            b"\x101234567890123456\x00\x00\x0a2020010203\x06\xc0\xee\xd0\xa1\xc3\xf7\x00",
        ];
        assert_eq!(bytes, expected.concat());
        assert_eq!(bytes.len(), 46);
    }

    #[test]
    fn every_envelope() {
        let bare = Layout::TEMPLATE_5.encode(&Card::sample(), Encoding::GB2312).unwrap();
        for (envelope, front) in [
            (Envelope::Bare, &[][..]),
            (Envelope::Length, &[46]),
            (Envelope::Template, &[0, 0, 0, 5]),
            (Envelope::TemplateAndLength, &[0, 0, 0, 5, 46]),
        ] {
            let layout = Layout::TEMPLATE_5.with_envelope(envelope);
            let bytes = layout.encode(&Card::sample(), Encoding::GB2312).unwrap();
            assert_eq!(bytes, [front, &bare].concat());
        }
    }

    #[test]
    fn every_kind_of_number() {
        let card = Card { card_type: CardType::new(12).unwrap(), card_status: 3, ..Card::sample() };
        for (kinds, expected) in [
            ([FieldKind::Byte, FieldKind::Byte], &b"\x0c\x03"[..]),
            ([FieldKind::High, FieldKind::Low], b"\xc3"),
            ([FieldKind::Digits(2), FieldKind::Digits(3)], b"12003"),
            ([FieldKind::Vars, FieldKind::Vars], b"\x0212\x0203"),
            ([FieldKind::Bytes(1), FieldKind::Bytes(10)], b"\x0c\0\0\0\0\0\0\0\0\0\x03"),
        ] {
            let [card_type, card_status] = kinds;
            let layout = Layout::builder(Template::FOUR)
                .field(Field::CardType, card_type)
                .field(Field::CardStatus, card_status)
                .build()
                .unwrap();
            assert_eq!(layout.encode(&card, Encoding::GB2312).unwrap(), expected);
        }
    }

    #[test]
    fn what_has_no_room_is_named_and_not_shown() {
        let one = |field, kind| Layout::builder(Template::FIVE).field(field, kind).build().unwrap();
        let card = Card {
            card_status: 16,
            identify_id: "x".repeat(256),
            student_name: "\u{e5e5}".into(),
            ..Card::sample()
        };
        for (layout, reason) in [
            (
                one(Field::IdentifyId, FieldKind::Vars),
                EncodeReason::TooLong { length: 256, limit: 255 },
            ),
            (
                one(Field::StudentNo, FieldKind::Bytes(9)),
                EncodeReason::Length { expected: 9, length: 10 },
            ),
            (one(Field::SchoolNo, FieldKind::Bytes(3)), EncodeReason::TooGreat),
            (one(Field::StudentName, FieldKind::Vars), EncodeReason::Unencodable(Encoding::GB2312)),
        ] {
            let error = layout.encode(&card, Encoding::GB2312).unwrap_err();
            assert_eq!(error, EncodeError { field: layout.items()[0].field, reason });
            assert!(!error.to_string().contains("xx"), "{error}");
        }
        let halves = Layout::builder(Template::FIVE)
            .field(Field::CardType, FieldKind::High)
            .field(Field::CardStatus, FieldKind::Low);
        let error = halves.build().unwrap().encode(&card, Encoding::GB2312).unwrap_err();
        assert_eq!(error.reason, EncodeReason::TooGreat);
        assert!(!format!("{card:?}").contains("2020010203"), "{card:?}");
    }
}
