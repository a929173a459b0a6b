//! Words that a platform says and that nobody here has chosen.

use std::borrow::Cow;
use std::fmt;

/// A word of an answer that this crate does not know.
///
/// It shows itself if it looks like a platform's: letters, `_`, `.` and `-`. A gateway in disguise,
/// or one that repeats what it was asked, may say anything, a payment code too.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Word(Cow<'static, str>);

impl Word {
    #[cfg(feature = "gateway")]
    pub(crate) const fn known(word: &'static str) -> Self {
        Self(Cow::Borrowed(word))
    }

    pub(crate) fn new(word: impl Into<String>) -> Self {
        Self(Cow::Owned(word.into()))
    }

    /// The word as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |byte: u8| byte.is_ascii_alphabetic() || b"_.-".contains(&byte);
        if self.0.len() <= LONGEST && self.0.bytes().all(plain) {
            f.write_str(&self.0)
        } else {
            write!(f, "[{} bytes]", self.0.len())
        }
    }
}

impl fmt::Debug for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Not specified; chosen above the longest sub-code that is known.
const LONGEST: usize = 64;
