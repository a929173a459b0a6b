//! Where the gateway is.

use std::str::FromStr;

/// A simulated one, or one at an address.
#[derive(Clone)]
pub(crate) enum Place<U> {
    /// In this program.
    Simulated,
    At(U),
}

impl<U: FromStr> FromStr for Place<U> {
    type Err = U::Err;

    fn from_str(text: &str) -> Result<Self, U::Err> {
        if text == "sim" { Ok(Self::Simulated) } else { text.parse().map(Self::At) }
    }
}
