//! The template of a user data.

use std::fmt;

/// The number of the template by which a user data is laid out (spec, 3: 数据模版ID).
///
/// The spec has two, 4 and 5, and does not say what they are for. Any other number is kept.
///
/// ```
/// use m26_pay::campus::template::Template;
///
/// assert_eq!(Template::from_be_bytes([0, 0, 0, 5]), Template::FIVE);
/// assert_eq!(Template(6).to_string(), "6");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Template(pub u32);

impl Template {
    /// Template 4.
    pub const FOUR: Self = Self(4);

    /// Template 5.
    pub const FIVE: Self = Self(5);

    /// The number in the four bytes that the SDK hands out (`data_formwork_id`).
    ///
    /// The spec says that they are to be made an int and does not say in which order they stand;
    /// big-endian is what it says of `in_use_time`, the other number that is handed out as bytes.
    #[must_use]
    pub const fn from_be_bytes(bytes: [u8; 4]) -> Self {
        Self(u32::from_be_bytes(bytes))
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
