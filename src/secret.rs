//! What must not be printed.

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

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(REDACTED)
    }
}

/// A line as a log may show it: the prefix, if it has one, and how long the rest is.
///
/// A line without a prefix may be a damaged echo of a command, so nothing of it is shown but a
/// bare final result.
///
/// ```
/// use m26_pay::secret::Redacted;
/// assert_eq!(Redacted(b"+ALIPAYDID: 0,\"0101\"").to_string(), "+ALIPAYDID: [8 bytes]");
/// assert_eq!(Redacted(b"LIPAYCFG=\"2018").to_string(), "[14 bytes]");
/// assert_eq!(Redacted(b"OK").to_string(), "OK");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Redacted<'a>(pub &'a [u8]);

impl fmt::Display for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use crate::at::syntax::View;
        match View::of(self.0) {
            View::Final(result) => result.fmt(f),
            View::Prefixed { prefix, args } => {
                write!(f, "{}: [{} bytes]", String::from_utf8_lossy(prefix), args.len())
            }
            View::Text(text) => write!(f, "[{} bytes]", text.len()),
        }
    }
}

impl fmt::Debug for Redacted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is printed in the place of a secret.
pub const REDACTED: &str = "[redacted]";
