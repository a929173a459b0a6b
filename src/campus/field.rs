//! The fields of a user data, by the spec's names.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use crate::advice::{self, Advice};

/// A field of a user data (spec, 3), in the order in which the spec explains them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Field {
    /// The national number of the school.
    SchoolNo,
    /// The number of the electronic student card. Personal data.
    IdentifyId,
    /// The kind of the card, 00 to 15.
    CardType,
    /// Reserved: the spec says to ignore it.
    CardStatus,
    /// The student's number in the school. Personal data.
    StudentNo,
    /// The student's name, in the encoding that the code names. Personal data.
    StudentName,
    /// Reserved, and empty at present.
    Extinfos,
    /// A part of the user data that the spec has no name for. It is passed over; a layout may have
    /// several.
    Reserved,
}

impl Field {
    /// Those that the spec names, in its order.
    pub const NAMED: [Self; 7] = [
        Self::SchoolNo,
        Self::IdentifyId,
        Self::CardType,
        Self::CardStatus,
        Self::StudentNo,
        Self::StudentName,
        Self::Extinfos,
    ];

    /// The spec's name; `reserved` for what it has no name for.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SchoolNo => "school_no",
            Self::IdentifyId => "identify_id",
            Self::CardType => "card_type",
            Self::CardStatus => "card_status",
            Self::StudentNo => "student_no",
            Self::StudentName => "student_name",
            Self::Extinfos => "extinfos",
            Self::Reserved => "reserved",
        }
    }

    /// The field of this name.
    #[must_use]
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().chain([Self::Reserved]).find(|field| field.name() == name)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The national number of a school: ten digits (spec, 3: 国标,10位数字).
///
/// ```
/// use m26_pay::campus::field::SchoolNo;
///
/// let school: SchoolNo = "4151012212".parse()?;
/// assert_eq!(school.get(), 4_151_012_212);
/// assert_eq!(SchoolNo::new(999_999_999), None);
/// # Ok::<(), m26_pay::campus::field::InvalidField>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SchoolNo(NonZeroU64);

impl SchoolNo {
    /// The least number of ten digits.
    pub const MIN: u64 = 1_000_000_000;

    /// The greatest number of ten digits.
    pub const MAX: u64 = 9_999_999_999;

    /// A number that Alipay's documents use as an example.
    pub(crate) const SAMPLE: Self = Self(NonZeroU64::MIN.saturating_add(4_151_012_211));

    /// A number of ten digits, or `None` if it has fewer or more.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) if Self::MIN <= number.get() && number.get() <= Self::MAX => {
                Some(Self(number))
            }
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl FromStr for SchoolNo {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        decimal(text.as_bytes())
            .and_then(Self::new)
            .ok_or(InvalidField { field: Field::SchoolNo, expected: "a number of ten digits" })
    }
}

impl fmt::Display for SchoolNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The kind of a card: 0 to 15 (spec, 3: 00,01 … 15). What each means the spec does not say.
///
/// ```
/// use m26_pay::campus::field::CardType;
///
/// let kind: CardType = "03".parse()?;
/// assert_eq!((kind.get(), kind.to_string().as_str()), (3, "03"));
/// assert_eq!(CardType::new(16), None);
/// # Ok::<(), m26_pay::campus::field::InvalidField>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CardType(u8);

impl CardType {
    /// The greatest number.
    pub const MAX: u8 = 15;

    /// A number up to 15, or `None` if it is greater.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number <= Self::MAX { Some(Self(number)) } else { None }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl FromStr for CardType {
    type Err = InvalidField;

    fn from_str(text: &str) -> Result<Self, InvalidField> {
        decimal(text.as_bytes())
            .and_then(|number| Self::new(number.try_into().ok()?))
            .ok_or(InvalidField { field: Field::CardType, expected: "a number from 00 to 15" })
    }
}

impl fmt::Display for CardType {
    /// Two digits, as the spec writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

/// A number that the field cannot be. It is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} is not {expected}")]
pub struct InvalidField {
    /// The field.
    pub field: Field,
    /// What it has to be.
    pub expected: &'static str,
}

impl InvalidField {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::campus::LAYOUT
    }
}

/// The number that these ASCII digits are.
pub(crate) fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}
