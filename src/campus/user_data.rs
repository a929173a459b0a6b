//! A user data, read where it lies.

mod blocks;
mod error;
mod walk;

use std::borrow::Cow;
use std::fmt;

use super::charset::{Charset, Encoding};
use super::field::{CardType, Field, SchoolNo};
use super::layout::{Envelope, Layout, LayoutStanding};
use super::template::Template;
use crate::secret::{REDACTED, Secret};
use blocks::Blocks;

pub use error::{UserDataError, UserDataReason};

/// What a campus code says of its holder, read out of the bytes that the decoder handed out.
///
/// Nothing is copied or allocated. Every length is checked, every byte belongs to a field, the
/// numbers are in their ranges; the name is decoded when it is asked for. **Which byte belongs to
/// which field is a guess as long as [`standing`](Self::standing) says
/// [`Provisional`](LayoutStanding::Provisional)**: see [`layout`](super::layout).
///
/// ```
/// use m26_pay::campus::charset::Encoding;
/// use m26_pay::campus::layout::{Layout, LayoutStanding};
/// use m26_pay::campus::user_data::UserData;
///
/// let bytes = b"\0\0\0\0\xf7\x6b\x6b\x74\x031.2\x02\x00\x0a2020010203\x04\xc0\xee\xc3\xf7\x00";
/// let user_data = UserData::parse(&Layout::TEMPLATE_5, Encoding::GB2312, bytes)?;
///
/// assert_eq!(user_data.standing(), LayoutStanding::Provisional);
/// assert_eq!(user_data.school_no().map(|school| school.get()), Some(4_151_012_212));
/// assert_eq!(user_data.card_type().map(|card| card.to_string()), Some("02".into()));
/// assert_eq!(user_data.student_no().map(|number| *number.expose()), Some(&b"2020010203"[..]));
/// let name = user_data.student_name()?.ok_or("this template has no name")?;
/// assert_eq!(name.text(), Some("李明"));
/// assert!(!format!("{user_data:?} {name:?}").contains("李明"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct UserData<'a> {
    bytes: &'a [u8],
    layout: &'a Layout,
    encoding: Encoding,
    school_no: Option<SchoolNo>,
    card_type: Option<CardType>,
    blocks: Blocks,
}

impl<'a> UserData<'a> {
    /// The greatest length, in bytes. Not specified; chosen because the greatest buffer that a
    /// header of the SDK asks for has 512, and the greatest layout needs 15 Vars of 256.
    pub const MAX_LENGTH: usize = 4096;

    /// Reads a user data that is laid out so.
    ///
    /// `encoding` is what the decoder said of it (`data_encode_type`).
    ///
    /// # Errors
    /// If the bytes do not fit the layout, with the position of the first that does not. If the
    /// layout is provisional, it may be the layout that is wrong.
    // What it returns is larger than what most callers look at.
    #[inline]
    pub fn parse(
        layout: &'a Layout,
        encoding: Encoding,
        bytes: &'a [u8],
    ) -> Result<Self, UserDataError> {
        if bytes.len() > Self::MAX_LENGTH || layout.envelope() != Envelope::Bare {
            walk::check_front(layout, bytes)?;
        }
        let plan = layout.plan();
        let mut blocks = Blocks::default();
        // What is wrong, and with which field, is found out a second time, if anything is.
        if blocks.find(plan, bytes) != Some(bytes.len()) || plan.digits {
            walk::check(layout, bytes)?;
        }
        let school_no = match plan.place(Field::SchoolNo) {
            None => None,
            Some(place) => match blocks.long(place, bytes).and_then(SchoolNo::new) {
                None => return Err(blocks.out_of_range(layout, Field::SchoolNo)),
                school_no => school_no,
            },
        };
        let card_type = match plan.place(Field::CardType) {
            None => None,
            Some(place) => match blocks.short(place, bytes).and_then(CardType::new) {
                None => return Err(blocks.out_of_range(layout, Field::CardType)),
                card_type => card_type,
            },
        };
        Ok(Self { bytes, layout, encoding, school_no, card_type, blocks })
    }

    /// The layout by which it was read.
    #[must_use]
    pub fn layout(&self) -> &'a Layout {
        self.layout
    }

    /// Its template.
    #[must_use]
    pub fn template(&self) -> Template {
        self.layout.template()
    }

    /// Whether the layout is known to be right.
    #[must_use]
    pub fn standing(&self) -> LayoutStanding {
        self.layout.standing()
    }

    /// The encoding that the decoder named.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The national number of the school, if the layout has it.
    #[must_use]
    pub fn school_no(&self) -> Option<SchoolNo> {
        self.school_no
    }

    /// The number of the electronic student card, if the layout has it. The spec does not say what
    /// it is made of.
    #[must_use]
    pub fn identify_id(&self) -> Option<Secret<&'a [u8]>> {
        self.raw(Field::IdentifyId)
    }

    /// The kind of the card, if the layout has it.
    #[must_use]
    pub fn card_type(&self) -> Option<CardType> {
        self.card_type
    }

    /// What the spec says to ignore, if the layout has it. If it is half a byte, the whole byte.
    #[must_use]
    pub fn card_status(&self) -> Option<Secret<&'a [u8]>> {
        self.raw(Field::CardStatus)
    }

    /// The student's number in the school, if the layout has it. The spec does not say what it is
    /// made of.
    #[must_use]
    pub fn student_no(&self) -> Option<Secret<&'a [u8]>> {
        self.raw(Field::StudentNo)
    }

    /// The student's name, if the layout has it: as text if the encoding is known, and as bytes
    /// if it is not.
    ///
    /// # Errors
    /// If it is not in the encoding that the decoder named, with the position in the user data.
    pub fn student_name(&self) -> Result<Option<Name<'a>>, UserDataError> {
        let Some(bytes) = self.raw(Field::StudentName) else { return Ok(None) };
        match self.encoding.charset() {
            Some(charset) => self.student_name_in(charset),
            None => Ok(Some(Name::Bytes(bytes))),
        }
    }

    /// The student's name in a character set that the caller knows, for an encoding whose number
    /// this crate does not know.
    ///
    /// # Errors
    /// If it is no text of this character set, with the position in the user data.
    pub fn student_name_in(&self, charset: Charset) -> Result<Option<Name<'a>>, UserDataError> {
        let Some(bytes) = self.raw(Field::StudentName) else { return Ok(None) };
        match charset.decode(bytes.into_inner()) {
            Ok(text) => Ok(Some(Name::Text(Secret::new(text)))),
            Err(error) => {
                let position = self.position(Field::StudentName).unwrap_or(0) + error.position;
                let reason = UserDataReason::Undecodable(charset);
                Err(UserDataError::at(self.layout, Some(Field::StudentName), position, reason))
            }
        }
    }

    /// Whether the student's name, if the layout has it, is this one, for instance that of a card
    /// system. It is compared as it is [coded](Charset), which the texts would not show; in an
    /// encoding whose number this crate does not know, the name may be in any [`Charset`].
    ///
    /// ```
    /// use m26_pay::campus::charset::Encoding;
    /// use m26_pay::campus::layout::{Card, Layout};
    /// use m26_pay::campus::user_data::UserData;
    ///
    /// // In the card system the name has a private code point, as in older Chinese systems.
    /// let known = "李\u{e794}明";
    /// let card = Card { student_name: known.into(), ..Card::sample() };
    /// let bytes = Layout::TEMPLATE_5.encode(&card, Encoding::GB2312)?;
    /// let user_data = UserData::parse(&Layout::TEMPLATE_5, Encoding::GB2312, &bytes)?;
    ///
    /// assert!(user_data.is_named(known));
    /// assert_eq!(user_data.student_name()?.ok_or("no name")?.text(), Some("李\u{fe17}明"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        let Some(bytes) = self.raw(Field::StudentName) else { return false };
        Charset::possible(Some(self.encoding))
            .any(|charset| charset.has_bytes_of(bytes.expose(), name))
    }

    /// What is reserved, and empty at present, if the layout has it.
    #[must_use]
    pub fn extinfos(&self) -> Option<Secret<&'a [u8]>> {
        self.raw(Field::Extinfos)
    }

    /// The bytes of a field as they lie there, without the length byte of a Vars, if the layout has
    /// it. Of half a byte, the whole byte. [`Field::Reserved`] is not a field.
    #[must_use]
    pub fn raw(&self, field: Field) -> Option<Secret<&'a [u8]>> {
        let place = self.layout.plan().place(field)?;
        Some(Secret::new(self.blocks.contents(place, self.bytes)))
    }

    /// Where the bytes of a field begin, without the length byte of a Vars, if the layout has it.
    #[must_use]
    pub fn position(&self, field: Field) -> Option<usize> {
        self.layout.plan().place(field).map(|place| self.blocks.contents_start(place))
    }

    /// All of it.
    #[must_use]
    pub fn as_bytes(&self) -> Secret<&'a [u8]> {
        Secret::new(self.bytes)
    }
}

impl fmt::Debug for UserData<'_> {
    /// Without personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserData")
            .field("template", &self.template())
            .field("standing", &self.standing())
            .field("encoding", &self.encoding)
            .field("school_no", &self.school_no)
            .field("card_type", &self.card_type)
            .field("bytes", &format_args!("{REDACTED}"))
            .finish_non_exhaustive()
    }
}

/// The name of a student. It prints as redacted.
///
/// Its text is for the screen. To compare it with a name of another system use
/// [`UserData::is_named`]: a character may have one code point there and another here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name<'a> {
    /// The bytes, in an encoding that is not known.
    Bytes(Secret<&'a [u8]>),
    /// The text, borrowed if it stands in the user data as it is.
    Text(Secret<Cow<'a, str>>),
}

impl Name<'_> {
    /// The text, or `None` if the encoding is not known.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Bytes(_) => None,
            Self::Text(text) => Some(text.expose()),
        }
    }
}
