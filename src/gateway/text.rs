//! Texts that cannot be invalid: what those of both platforms have in common.

use super::transport::is_loopback;
use crate::argument::{InvalidArgument, InvalidReason};

/// A text under its document's name, with its greatest number of characters and its own rule.
///
/// A plain one shows itself, and its clones share one text, since the payment machine hands its
/// numbers on in nearly every step. A secret one prints as redacted and is read with `expose`.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $field:literal, $limit:literal, $rule:path) => {
        $crate::gateway::text::text! { @type
            $(#[$doc])* $name, $field, $limit, $rule, std::sync::Arc<str>, std::sync::Arc::from
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
    };
    ($(#[$doc:meta])* secret $name:ident, $field:literal, $limit:literal, $rule:path) => {
        $crate::gateway::text::text! { @type
            $(#[$doc])* $name, $field, $limit, $rule,
            $crate::secret::Secret<String>, $crate::secret::Secret::new
        }

        impl $name {
            /// The text, for where it has to be used.
            #[must_use]
            pub fn expose(&self) -> &str {
                self.0.expose()
            }
        }
    };
    (@type $(#[$doc:meta])* $name:ident, $field:literal, $limit:literal, $rule:path, $inner:ty, $wrap:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name($inner);

        impl $name {
            #[doc = concat!("At most ", $limit, " characters.")]
            pub const MAX_LENGTH: usize = $limit;

            #[doc = concat!("A valid `", $field, "`.")]
            ///
            /// # Errors
            /// If it is not valid; the error names the field, the limit and the position.
            pub fn new(value: impl Into<String>) -> Result<Self, $crate::argument::InvalidArgument> {
                let value = value.into();
                $crate::gateway::text::check($field, &value, Self::MAX_LENGTH, $rule)?;
                Ok(Self($wrap(value)))
            }
        }

        $crate::argument::from_text! { $name }
    };
}
pub(crate) use text;

/// Where in a text something is wrong, and what.
pub(crate) type Rule = fn(&str) -> Result<(), InvalidReason>;

/// Checks a text: not empty, no control character, at most `limit` characters, and its own rule.
/// Neither platform says whether its limits count bytes or characters; characters were chosen, so
/// that nothing is refused here that the platform takes.
pub(crate) fn check(
    field: &'static str,
    value: &str,
    limit: usize,
    rule: Rule,
) -> Result<(), InvalidArgument> {
    let error = |reason| InvalidArgument { field, reason };
    if value.is_empty() {
        return Err(error(InvalidReason::Empty));
    }
    // As many bytes as characters at least.
    let behind = if value.len() > limit { value.char_indices().nth(limit) } else { None };
    if let Some((position, _)) = behind {
        let characters = value.chars().count();
        return Err(error(InvalidReason::TooManyCharacters { characters, limit, position }));
    }
    only(value, |byte| !byte.is_ascii_control()).and_then(|()| rule(value)).map_err(error)
}

pub(crate) fn only(value: &str, allowed: impl Fn(u8) -> bool) -> Result<(), InvalidReason> {
    // A fold has no early end, so that it is done many bytes at a time.
    if value.bytes().fold(true, |all, byte| all & allowed(byte)) {
        return Ok(());
    }
    match value.bytes().enumerate().find(|(_, byte)| !allowed(*byte)) {
        Some((position, byte)) => Err(InvalidReason::Byte { byte, position }),
        None => Ok(()),
    }
}

pub(crate) fn any(_: &str) -> Result<(), InvalidReason> {
    Ok(())
}

pub(crate) fn digits(value: &str) -> Result<(), InvalidReason> {
    only(value, |byte| byte.is_ascii_digit())
}

pub(crate) fn letters_and_digits(value: &str) -> Result<(), InvalidReason> {
    only(value, |byte| byte.is_ascii_alphanumeric())
}

pub(crate) fn url(value: &str) -> Result<(), InvalidReason> {
    only(value, |byte| byte.is_ascii_graphic())?;
    let host = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.starts_with(['/', ':', '?']) => Ok(()),
        _ => Err(InvalidReason::Rule("must be a URL such as https://shop.example/notify")),
    }
}

pub(crate) fn visible(value: &str) -> Result<(), InvalidReason> {
    only(value, |byte| byte.is_ascii_graphic())
}

pub(crate) fn gateway_url(value: &str) -> Result<(), InvalidReason> {
    url(value)?;
    // A password before `@` would be in every journal.
    only(value, |byte| !matches!(byte, b'?' | b'#' | b'@'))?;
    if value.starts_with("https://") || is_loopback(value) {
        return Ok(());
    }
    Err(InvalidReason::Rule(
        "must be an https URL: http is for a simulator on this host (127.0.0.1, localhost, [::1])",
    ))
}
