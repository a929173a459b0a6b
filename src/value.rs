//! String arguments that cannot be invalid.

use std::fmt;

/// Why a string is no valid argument. Nothing was sent.
///
/// It does not show the string, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct InvalidValue {
    /// The argument, by the document's name.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: InvalidReason,
}

/// What is wrong with a string.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidReason {
    /// A byte that no argument may hold: a quote, a control character, or one that the field's
    /// own rule excludes.
    Byte {
        /// The byte.
        byte: u8,
        /// Its position, in bytes.
        position: usize,
    },
    /// There is nothing.
    Empty,
    /// A rule between fields is broken.
    Rule(&'static str),
    /// There is too much.
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The greatest length in bytes; it is also the position of the first byte too many.
        limit: usize,
    },
}

impl fmt::Display for InvalidReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte { byte: b'"', position } => write!(
                f,
                "holds a quote at position {position}, and no escape for it is documented: remove it"
            ),
            Self::Byte { byte, position } => {
                write!(
                    f,
                    "holds byte {byte:#04x} at position {position}, which is not allowed there"
                )
            }
            Self::Empty => f.write_str("is empty"),
            Self::Rule(rule) => f.write_str(rule),
            Self::TooLong { length, limit } => {
                write!(f, "has {length} bytes, at most {limit} are allowed (position {limit})")
            }
        }
    }
}

/// Checks a string argument: no quote, no control character, 1 to `limit` bytes.
///
/// # Errors
/// If it is not so.
pub(crate) fn check(field: &'static str, value: &str, limit: usize) -> Result<(), InvalidValue> {
    let error = |reason| Err(InvalidValue { field, reason });
    if value.is_empty() {
        return error(InvalidReason::Empty);
    }
    if value.len() > limit {
        return error(InvalidReason::TooLong { length: value.len(), limit });
    }
    let forbidden = |byte: u8| byte == b'"' || byte.is_ascii_control();
    match value.bytes().enumerate().find(|(_, byte)| forbidden(*byte)) {
        Some((position, byte)) => error(InvalidReason::Byte { byte, position }),
        None => Ok(()),
    }
}

/// A string argument of at most `$limit` bytes, under the document's name.
macro_rules! string_argument {
    ($(#[$doc:meta])* $name:ident, $field:literal, $limit:literal) => {
        string_argument! { @type $(#[$doc])* #[derive(Debug)] $name, $field, $limit, String, (|value| value) }
    };
    ($(#[$doc:meta])* secret $name:ident, $field:literal, $limit:literal) => {
        string_argument! { @type $(#[$doc])* #[derive(Debug)] $name, $field, $limit,
            $crate::secret::Secret<String>, $crate::secret::Secret::new }
    };
    (@type $(#[$doc:meta])* $name:ident, $field:literal, $limit:literal, $inner:ty, $wrap:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $name($inner);

        impl $name {
            #[doc = concat!("At most ", $limit, " bytes.")]
            pub const MAX_LENGTH: usize = $limit;

            #[doc = concat!("A valid ", $field, ": 1 to ", $limit, " bytes, no quote, no control character.")]
            ///
            /// # Errors
            /// If it is not valid; the error names the field, the limit and the position.
            pub fn new(value: impl Into<String>) -> Result<Self, $crate::value::InvalidValue> {
                let value = value.into();
                $crate::value::check($field, &value, $limit)?;
                Ok(Self(($wrap)(value)))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::value::InvalidValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }
    };
}
pub(crate) use string_argument;
