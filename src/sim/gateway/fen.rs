//! Money.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};
use std::str::FromStr;

/// An amount of money in fen, a hundredth of a yuan.
///
/// ```
/// use m26_pay::sim::gateway::Fen;
///
/// let price: Fen = "10.2".parse()?;
/// assert_eq!(price, Fen(1020));
/// assert_eq!(price.to_string(), "10.20");
/// # Ok::<(), m26_pay::sim::gateway::FenError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Fen(pub u64);

impl Fen {
    /// 100,000,000 yuan, the most that `total_amount` takes.
    pub const MAX: Self = Self(10_000_000_000);
}

impl Add for Fen {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

/// Never less than nothing.
impl Sub for Fen {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Fen {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self(0), Add::add)
    }
}

/// In yuan, as the gateway writes it: with two decimals.
impl fmt::Display for Fen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// Reads yuan with up to two decimals, from 0.01 to 100,000,000.
impl FromStr for Fen {
    type Err = FenError;

    fn from_str(text: &str) -> Result<Self, FenError> {
        let (yuan, decimals) = text.split_once('.').unwrap_or((text, "00"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(yuan) || !digits(decimals) || yuan.len() > 9 || decimals.len() > 2 {
            return Err(FenError);
        }
        let whole: u64 = yuan.parse().map_err(|_| FenError)?;
        let rest: u64 = decimals.parse().map_err(|_| FenError)?;
        let rest = if decimals.len() == 1 { rest * 10 } else { rest };
        let amount = Self(whole * 100 + rest);
        if amount == Self(0) || amount > Self::MAX { Err(FenError) } else { Ok(amount) }
    }
}

/// What stands there is no amount.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("an amount is 0.01 to 100000000 yuan with at most two decimals")]
pub struct FenError;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_are_read_without_a_float() {
        for (text, fen) in [("0.01", 1), ("88.88", 8888), ("9.0", 900), ("7", 700)] {
            assert_eq!(text.parse(), Ok(Fen(fen)), "{text}");
        }
        assert_eq!("100000000.00".parse(), Ok(Fen::MAX));
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "0", "0.00", "1.005", "1e2", "-1", "+1", " 1", "1,00"] {
            assert_eq!(text.parse::<Fen>(), Err(FenError), "{text:?}");
        }
        assert_eq!("100000000.01".parse::<Fen>(), Err(FenError));
    }
}
