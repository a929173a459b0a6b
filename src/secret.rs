//! [`Secret`]: a value that must not be printed.

use std::fmt;

/// A value that no `Debug`, `Display` or log shows.
///
/// ```
/// let key = m26_pay::secret::Secret::new("sample");
/// assert_eq!(format!("{key:?}"), "[redacted]");
/// assert_eq!(*key.expose(), "sample");
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Hides `value`.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value, for where it has to be used.
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value, for where it has to be used.
    pub fn into_inner(self) -> T {
        self.0
    }
}

/// As redacted: a secret can be read and is never written.
#[cfg(feature = "serde")]
impl<T> serde::Serialize for Secret<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(REDACTED)
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// What is printed in the place of a secret.
pub const REDACTED: &str = "[redacted]";
