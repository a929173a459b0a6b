//! Values that UnionPay has signed.

use std::fmt;
use std::str::FromStr;

use super::NoticeError;
use crate::gateway::beijing;
use crate::gateway::unionpay::text::OpenId;
use crate::unix_time::UnixMillis;

/// The values of a notification that UnionPay has signed. It shows the names alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Values(Vec<(String, String)>);

impl Values {
    pub(super) fn new(pairs: Vec<(&str, String)>) -> Self {
        let trimmed = |(name, value): (&str, String)| (name.trim().into(), value.trim().into());
        Self(pairs.into_iter().map(trimmed).collect())
    }

    /// The names, in the order in which they came.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// A value, without blanks around it; `None` if it is not there or empty.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// A value of one of this crate's own types, which must be there.
    ///
    /// # Errors
    /// If it is not there or not valid.
    pub fn parsed<T: FromStr>(&self, field: &'static str) -> Result<T, NoticeError> {
        let value = self.text(field).ok_or(NoticeError::Field { field, expected: "there" })?;
        value.parse().map_err(|_| NoticeError::Field { field, expected: "valid" })
    }

    /// The same, where it may be left out.
    ///
    /// # Errors
    /// If it is there and not valid.
    pub fn optional<T: FromStr>(&self, field: &'static str) -> Result<Option<T>, NoticeError> {
        self.text(field).map(|_| self.parsed(field)).transpose()
    }

    /// The user (`openId`).
    pub(super) fn open_id(&self) -> Result<OpenId, NoticeError> {
        self.parsed("openId")
    }

    /// When UnionPay made it (`timestamp`, seconds since 1970).
    pub(super) fn timestamp(&self) -> Result<UnixMillis, NoticeError> {
        let seconds: i64 = self.parsed("timestamp")?;
        let field = NoticeError::Field { field: "timestamp", expected: "a time in seconds" };
        seconds.checked_mul(1000).map(UnixMillis).ok_or(field)
    }

    /// When the user did it (`operateTime`, by Beijing's clock), if that is said in a form that is
    /// known.
    pub(super) fn operate_time(&self) -> Option<UnixMillis> {
        self.text("operateTime").and_then(beijing::parse)
    }
}

impl fmt::Debug for Values {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Values").field("count", &self.0.len()).finish_non_exhaustive()
    }
}
