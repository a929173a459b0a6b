//! When and by which random text a request is signed.

use std::fmt;

use ring::rand::{SecureRandom as _, SystemRandom};

use crate::advice::{self, Advice};
use crate::argument::{InvalidArgument, InvalidReason};
use crate::gateway::beijing;
use crate::unix_time::UnixMillis;

/// What makes two signatures over the same arguments different: a random text and the time.
///
/// UnionPay refuses a time that is five minutes off (7.8 nos. 3 and 25).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// `nonceStr`.
    pub nonce_str: NonceStr,
    /// `timestamp`.
    pub timestamp: Timestamp,
}

impl Stamp {
    /// A new random text, and this time by the wall clock.
    ///
    /// # Errors
    /// If the clock of this host was never set, or the system has no random numbers.
    pub fn new(at: UnixMillis) -> Result<Self, StampError> {
        Ok(Self { nonce_str: NonceStr::random()?, timestamp: Timestamp::new(at)? })
    }
}

/// A random text of 16 letters and digits (`nonceStr`, 7.3).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct NonceStr([u8; NonceStr::LENGTH]);

impl NonceStr {
    /// The number of its characters (7.3).
    pub const LENGTH: usize = 16;

    /// A text that was made elsewhere.
    ///
    /// # Errors
    /// If it is not 16 letters and digits of ASCII.
    pub fn new(text: &str) -> Result<Self, InvalidArgument> {
        let error = |reason| InvalidArgument { field: "nonceStr", reason };
        let other = text.bytes().position(|byte| !byte.is_ascii_alphanumeric());
        if let Some((position, byte)) = other.and_then(|at| Some((at, *text.as_bytes().get(at)?))) {
            return Err(error(InvalidReason::Byte { byte, position }));
        }
        let bytes = text.as_bytes().try_into();
        bytes.map(Self).map_err(|_| error(InvalidReason::Rule("must have 16 letters and digits")))
    }

    /// A new one, of the system's random numbers. UnionPay's own sample takes them from a generator
    /// whose next numbers can be computed.
    ///
    /// # Errors
    /// If the system has none.
    pub fn random() -> Result<Self, StampError> {
        let system = SystemRandom::new();
        let (mut text, mut filled) = ([0; Self::LENGTH], 0);
        let mut bytes = [0; 2 * Self::LENGTH];
        while filled < text.len() {
            system.fill(&mut bytes).map_err(|_| StampError::Random)?;
            // A byte at the end of the range would make some letters more likely than others.
            let letters = bytes.iter().filter(|byte| usize::from(**byte) < 4 * ALPHABET.len());
            for (place, byte) in text.iter_mut().skip(filled).zip(letters) {
                *place = ALPHABET[usize::from(*byte) % ALPHABET.len()];
                filled += 1;
            }
        }
        Ok(Self(text))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Nothing but ASCII is put in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for NonceStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NonceStr({})", self.as_str())
    }
}

impl fmt::Display for NonceStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A time in whole seconds since 1970 (`timestamp`, 5.1.1): ten digits. In milliseconds it is refused
/// by UnionPay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// A time by the wall clock.
    ///
    /// # Errors
    /// If the clock of this host was never set.
    pub fn new(at: UnixMillis) -> Result<Self, StampError> {
        let seconds = at.0.div_euclid(1000);
        if beijing::is_set(at) && seconds < TEN_DIGITS {
            Ok(Self(seconds))
        } else {
            Err(StampError::Clock)
        }
    }

    /// In seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a request has no stamp. Nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StampError {
    /// The clock of this host was never set.
    #[error(
        "the clock of this host is not set, so the platform would refuse the request: set it; \
         nothing was sent"
    )]
    Clock,
    /// The system has no random numbers.
    #[error("the system gives no random numbers, nothing was sent")]
    Random,
}

impl StampError {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        match self {
            Self::Clock => advice::platform::CLOCK,
            Self::Random => advice::unionpay::RANDOM,
        }
    }
}

/// 7.3.
const ALPHABET: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// In the year 2286.
const TEN_DIGITS: i64 = 10_000_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_letters_and_digits() {
        assert_eq!(NonceStr::new("KFTrLiCknhMlKKuv").unwrap().as_str(), "KFTrLiCknhMlKKuv");
        for (text, position) in [("KFTrLiCknhMlKKu+", 15), ("版", 0)] {
            let error = NonceStr::new(text).unwrap_err();
            assert!(
                matches!(error.reason, InvalidReason::Byte { position: at, .. } if at == position)
            );
        }
        for text in ["", "KFTrLiCknhMlKKu", "KFTrLiCknhMlKKuvw"] {
            assert!(NonceStr::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn random_ones_differ_and_use_every_letter() {
        let made: Vec<_> = (0..200).map(|_| NonceStr::random().unwrap()).collect();
        assert!(made.windows(2).all(|pair| pair[0] != pair[1]));
        let all: String = made.iter().map(NonceStr::as_str).collect();
        assert!(ALPHABET.iter().all(|letter| all.contains(char::from(*letter))), "{all}");
    }

    #[test]
    fn ten_digits_or_none() {
        let stamp = |millis| Timestamp::new(UnixMillis(millis)).map(|time| time.to_string());
        assert_eq!(stamp(1_764_450_007_999).as_deref(), Ok("1764450007"));
        for millis in [0, i64::MIN, 1_735_689_599_999, 10_000_000_000_000, i64::MAX] {
            assert_eq!(stamp(millis), Err(StampError::Clock));
        }
    }
}
