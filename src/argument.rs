//! String arguments that are checked at construction, and why they are refused
//! ([`InvalidArgument`]).

use std::fmt;

use crate::advice::{self, Advice};

/// Why a string is not a valid argument. Nothing was sent.
///
/// It does not show the string, which may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {reason}")]
pub struct InvalidArgument {
    /// The argument, by the document's name.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: InvalidReason,
}

impl InvalidArgument {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::module::ARGUMENT
    }
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
    /// It is empty.
    Empty,
    /// A word that the platform keeps for itself.
    Reserved {
        /// The word.
        word: &'static str,
        /// Where it begins, in bytes.
        position: usize,
    },
    /// A rule between fields is broken.
    Rule(&'static str),
    /// It has too many bytes.
    TooLong {
        /// Its length in bytes.
        length: usize,
        /// The greatest length in bytes; it is also the position of the first byte too many.
        limit: usize,
    },
    /// It has too many characters.
    TooManyCharacters {
        /// How many it has.
        characters: usize,
        /// The limit.
        limit: usize,
        /// Where the first one too many begins, in bytes.
        position: usize,
    },
}

impl fmt::Display for InvalidReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte { byte: b'"', position } => write!(
                f,
                "holds a quote at position {position}, which cannot be escaped: remove it"
            ),
            Self::Byte { byte, position } => {
                write!(
                    f,
                    "holds byte {byte:#04x} at position {position}, which is not allowed there"
                )
            }
            Self::Empty => f.write_str("is empty"),
            Self::Reserved { word, position } => {
                write!(f, "holds `{word}` at position {position}, which the platform refuses")
            }
            Self::Rule(rule) => f.write_str(rule),
            Self::TooLong { length, limit } => {
                write!(f, "has {length} bytes, at most {limit} are allowed (position {limit})")
            }
            Self::TooManyCharacters { characters, limit, position } => write!(
                f,
                "has {characters} characters, at most {limit} are allowed (position {position})"
            ),
        }
    }
}

/// Checks a string argument: no quote, no control character, 1 to `limit` bytes.
///
/// # Errors
/// If the rule is broken.
pub(crate) fn check(field: &'static str, value: &str, limit: usize) -> Result<(), InvalidArgument> {
    let error = |reason| Err(InvalidArgument { field, reason });
    if value.is_empty() {
        return error(InvalidReason::Empty);
    }
    if value.len() > limit {
        return error(InvalidReason::TooLong { length: value.len(), limit });
    }
    let forbidden = |byte: u8| byte == b'"' || byte.is_ascii_control();
    // All of them in one go, which takes a tenth of the time of a look at each.
    if !value.bytes().fold(false, |found, byte| found | forbidden(byte)) {
        return Ok(());
    }
    match value.bytes().enumerate().find(|(_, byte)| forbidden(*byte)) {
        Some((position, byte)) => error(InvalidReason::Byte { byte, position }),
        None => Ok(()),
    }
}

/// A string argument of at most `$limit` bytes, under the document's name.
///
/// A plain one shows itself and is read with `as_str`; a secret one prints as redacted, is serialised
/// as redacted, and is read with `expose`.
macro_rules! string_argument {
    ($(#[$doc:meta])* $name:ident, $field:literal, $limit:literal) => {
        $crate::argument::string_argument! { @type
            $(#[$doc])* $name, $field, $limit, String, std::convert::identity
        }

        impl $name {
            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                let text: String = serde::Deserialize::deserialize(source)?;
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
    ($(#[$doc:meta])* secret $name:ident, $field:literal, $limit:literal) => {
        $crate::argument::string_argument! { @type
            $(#[$doc])* $name, $field, $limit,
            $crate::secret::Secret<String>, $crate::secret::Secret::new
        }

        impl $name {
            /// The text, for where it has to be used.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }

        /// As redacted: a secret can be read and is never written.
        #[cfg(feature = "serde")]
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&self.0, serializer)
            }
        }

        #[cfg(feature = "serde")]
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                let text: String = serde::Deserialize::deserialize(source)?;
                if text == $crate::secret::REDACTED {
                    return Err(serde::de::Error::custom(concat!(
                        $field,
                        " is redacted: secrets are not written, take it from where it is kept",
                    )));
                }
                Self::new(text).map_err(serde::de::Error::custom)
            }
        }
    };
    (@type $(#[$doc:meta])* $name:ident, $field:literal, $limit:literal, $inner:ty, $wrap:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name($inner);

        impl $name {
            #[doc = concat!("At most ", $limit, " bytes.")]
            pub const MAX_LENGTH: usize = $limit;

            #[doc = concat!("A valid `", $field, "`: 1 to ", $limit, " bytes, no quote, no control character.")]
            ///
            /// # Errors
            /// If it is not valid; the error names the field, the limit and the position.
            pub fn new(value: impl Into<String>) -> Result<Self, $crate::argument::InvalidArgument> {
                let value = value.into();
                $crate::argument::check($field, &value, Self::MAX_LENGTH)?;
                Ok(Self($wrap(value)))
            }
        }

        $crate::argument::from_text! { $name }
    };
}
pub(crate) use string_argument;

/// The conversions from text that callers expect, by way of `new`.
macro_rules! from_text {
    ($name:ident) => {
        impl std::str::FromStr for $name {
            type Err = $crate::argument::InvalidArgument;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::argument::InvalidArgument;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::argument::InvalidArgument;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(text)
            }
        }
    };
}
pub(crate) use from_text;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::alipay::{DeviceSupplierNo, ProductKey};
    use crate::at::command::CommandLine;
    use crate::at::profile::Profile;

    #[test]
    fn limits_are_met_and_named() {
        let longest = "1".repeat(32);
        let supplier = DeviceSupplierNo::new(&longest).unwrap();
        assert_eq!(supplier.as_str(), longest);
        let error = DeviceSupplierNo::new(longest.clone() + "2").unwrap_err();
        assert_eq!(
            error.to_string(),
            "device_supplier_no has 33 bytes, at most 32 are allowed (position 32)"
        );
        let error = DeviceSupplierNo::new("").unwrap_err();
        assert_eq!(error.reason, InvalidReason::Empty);
        // The limit counts bytes: a Chinese character has three.
        assert!(DeviceSupplierNo::new("支".repeat(11)).is_err());
        assert_eq!(DeviceSupplierNo::try_from(longest.as_str()), Ok(supplier.clone()));
        assert_eq!(DeviceSupplierNo::try_from(longest.clone()), Ok(supplier));
        let error = "a\"b".parse::<DeviceSupplierNo>().unwrap_err();
        assert!(error.to_string().contains("quote at position 1"), "{error}");
    }

    #[test]
    fn secrets_do_not_show() {
        let key = ProductKey::new("key").unwrap();
        assert_eq!(format!("{key:?}"), "ProductKey([redacted])");
        assert_eq!(key.expose(), "key");
        let error = ProductKey::new("ke\ry").unwrap_err();
        assert!(!format!("{error:?} {error}").contains("ke\r"), "{error:?}");
    }

    proptest! {
        #[test]
        fn what_is_valid_stays_inside_its_quotes(text in any::<String>()) {
            let Ok(valid) = DeviceSupplierNo::new(text) else { return Ok(()) };
            let line = CommandLine::set("+X").string("plain", valid.as_str());
            let line = line.finish(&Profile::quectel()).unwrap();
            let expected = format!("AT+X=\"{valid}\"\r");
            prop_assert_eq!(&line[..], expected.as_bytes());
        }
    }
}
