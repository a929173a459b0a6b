//! [`Amount`]: an amount of money, in fen.

use std::fmt;
use std::str::FromStr;

use crate::advice::{self, Advice};

/// An amount of money, in fen (a hundredth of a yuan).
///
/// AT+ALIPAYSIGN wants yuan (spec 3.6) and AT+ALIPAYREP fen (spec 3.7). Both come from the same
/// value, so they cannot disagree, and no floating point is involved.
///
/// ```
/// use m26_pay::amount::Amount;
///
/// let amount: Amount = "10.25".parse()?;
/// assert_eq!(amount.fen(), 1025);
/// assert_eq!(amount.to_string(), "10.25");
/// assert_eq!(Amount::from_fen(7)?.to_string(), "0.07");
/// # Ok::<(), m26_pay::amount::InvalidAmount>(())
/// ```
///
/// Arithmetic is checked: there is no `+` that could overflow in silence or panic.
///
/// ```
/// use m26_pay::amount::Amount;
///
/// let prices = [Amount::from_fen(350)?, Amount::from_fen(1200)?];
/// let total = Amount::checked_sum(prices).ok_or("too much")?;
/// assert_eq!(total.checked_sub(Amount::from_fen(50)?), Some(Amount::from_fen(1500)?));
/// assert_eq!(Amount::MAX.checked_add(total), None);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Amount(u64);

impl Amount {
    /// The greatest amount: 100,000,000 yuan, the limit of total_amount (alipay.trade.pay of the
    /// Alipay open platform). AT+ALIPAYREP carries less: `Report::MAX_AMOUNT`.
    pub const MAX: Self = Self(10_000_000_000);

    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount in fen.
    ///
    /// # Errors
    /// If it is above [`MAX`](Self::MAX).
    pub const fn from_fen(fen: u64) -> Result<Self, InvalidAmount> {
        if fen > Self::MAX.0 { Err(InvalidAmount::TooLarge) } else { Ok(Self(fen)) }
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> u64 {
        self.0
    }

    /// The sum of both amounts, or `None` above [`MAX`](Self::MAX).
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        Self::within(self.0.checked_add(other.0))
    }

    /// What is left when `other` is taken away, or `None` if `other` is more.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        Self::within(self.0.checked_sub(other.0))
    }

    /// The amount multiplied by a number, or `None` above [`MAX`](Self::MAX).
    #[must_use]
    pub const fn checked_mul(self, times: u64) -> Option<Self> {
        Self::within(self.0.checked_mul(times))
    }

    /// The sum of all, or `None` above [`MAX`](Self::MAX).
    #[must_use]
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Option<Self> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    const fn within(fen: Option<u64>) -> Option<Self> {
        match fen {
            Some(fen) if fen <= Self::MAX.0 => Some(Self(fen)),
            _ => None,
        }
    }
}

impl TryFrom<u64> for Amount {
    type Error = InvalidAmount;

    /// An amount in fen, as [`from_fen`](Self::from_fen).
    fn try_from(fen: u64) -> Result<Self, InvalidAmount> {
        Self::from_fen(fen)
    }
}

impl TryFrom<&str> for Amount {
    type Error = InvalidAmount;

    /// An amount in yuan, as [`from_str`](Self::from_str).
    fn try_from(yuan: &str) -> Result<Self, InvalidAmount> {
        yuan.parse()
    }
}

impl FromStr for Amount {
    type Err = InvalidAmount;

    /// An amount in yuan with at most two decimals, such as `10.25`, `10.2` or `10`.
    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let (yuan, decimals) = text.split_once('.').unwrap_or((text, "00"));
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(yuan) || !digits(decimals) {
            let wrong = text.bytes().position(|byte| !byte.is_ascii_digit() && byte != b'.');
            let missing = if yuan.is_empty() { 0 } else { text.len() };
            return Err(InvalidAmount::NotANumber { position: wrong.unwrap_or(missing) });
        }
        if decimals.len() > 2 {
            return Err(InvalidAmount::TooFine { position: yuan.len() + 3 });
        }
        let yuan: u64 = yuan.parse().map_err(|_| InvalidAmount::TooLarge)?;
        let fen: u64 = decimals.bytes().fold(0, |fen, digit| fen * 10 + u64::from(digit - b'0'));
        let fen = if decimals.len() == 1 { fen * 10 } else { fen };
        let all = yuan.checked_mul(100).and_then(|whole| whole.checked_add(fen));
        all.map_or(Err(InvalidAmount::TooLarge), Self::from_fen)
    }
}

impl fmt::Display for Amount {
    /// The amount in yuan with two decimals.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// As text in yuan: a number would not say whether it means yuan or fen.
#[cfg(feature = "serde")]
impl serde::Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text: String = serde::Deserialize::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// Why something is not an [`Amount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidAmount {
    /// It is not written as a number of yuan.
    #[error("amount is not a number of yuan such as 10.25, at position {position}")]
    NotANumber {
        /// The byte that does not belong there, or where a digit is missing.
        position: usize,
    },
    /// It has a fraction of a fen.
    #[error("amount has more than two decimals, at position {position}")]
    TooFine {
        /// The first decimal too many.
        position: usize,
    },
    /// It is above [`Amount::MAX`].
    #[error("amount is above {} yuan ({} fen)", Amount::MAX, Amount::MAX.fen())]
    TooLarge,
}

impl InvalidAmount {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::module::AMOUNT
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn yuan_in_every_notation() {
        for (text, fen) in
            [("10.25", 1025), ("10.2", 1020), ("10", 1000), ("0.01", 1), ("007", 700)]
        {
            assert_eq!(text.parse(), Amount::from_fen(fen), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount() {
        let not_at = |position| Err::<Amount, _>(InvalidAmount::NotANumber { position });
        assert_eq!("".parse(), not_at(0));
        assert_eq!("-1".parse(), not_at(0));
        assert_eq!("1,5".parse(), not_at(1));
        assert_eq!("1.".parse(), not_at(2));
        assert_eq!(".5".parse(), not_at(0));
        assert_eq!("1.2.3".parse(), not_at(5));
        assert_eq!(".1.2".parse(), not_at(0));
        assert_eq!("1a2b".parse(), not_at(1));
        assert_eq!("1.005".parse::<Amount>(), Err(InvalidAmount::TooFine { position: 4 }));
        assert_eq!("100000000.01".parse::<Amount>(), Err(InvalidAmount::TooLarge));
        assert_eq!("99999999999999999999".parse::<Amount>(), Err(InvalidAmount::TooLarge));
        assert_eq!("184467440737095516.16".parse::<Amount>(), Err(InvalidAmount::TooLarge));
        assert_eq!(Amount::from_fen(10_000_000_001), Err(InvalidAmount::TooLarge));
    }

    fn any_amount() -> impl Strategy<Value = Amount> {
        (0..=Amount::MAX.fen()).prop_map(|fen| Amount::from_fen(fen).unwrap())
    }

    proptest! {
        #[test]
        fn display_and_parse_agree(amount in any_amount()) {
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
            prop_assert_eq!(Amount::try_from(amount.to_string().as_str()), Ok(amount));
            prop_assert_eq!(Amount::try_from(amount.fen()), Ok(amount));
        }

        #[test]
        fn arithmetic_is_that_of_greater_numbers(
            left in any_amount(), right in any_amount(), times: u64,
        ) {
            let fen = |amount: Amount| i128::from(amount.fen());
            let amount = |fen: i128| u64::try_from(fen).ok().and_then(|fen| Amount::from_fen(fen).ok());
            let sum = fen(left) + fen(right);
            prop_assert_eq!(left.checked_add(right), amount(sum));
            prop_assert_eq!(Amount::checked_sum([left, right]), amount(sum));
            prop_assert_eq!(left.checked_sub(right), amount(fen(left) - fen(right)));
            prop_assert_eq!(left.checked_mul(times), amount(fen(left) * i128::from(times)));
            prop_assert_eq!(left.checked_mul(times % 3), amount(fen(left) * i128::from(times % 3)));
        }
    }
}
