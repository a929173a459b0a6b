//! Money.

use std::fmt;
use std::str::FromStr;

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Amount(u32);

impl Amount {
    /// The greatest amount. Not specified; chosen because the spec calls the amount of a report
    /// an integer (整型) without its width, and 32 bits with a sign are the least it can mean.
    pub const MAX: Self = Self(i32::MAX as u32);

    /// An amount in fen.
    ///
    /// # Errors
    /// If it is above [`MAX`](Self::MAX).
    pub const fn from_fen(fen: u64) -> Result<Self, InvalidAmount> {
        if fen > Self::MAX.0 as u64 { Err(InvalidAmount::TooLarge) } else { Ok(Self(fen as u32)) }
    }

    /// The amount in fen.
    #[must_use]
    pub const fn fen(self) -> u32 {
        self.0
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

/// Why something is not an [`Amount`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAmount {
    /// It is not written as a number of yuan.
    #[error("amount is not a number of yuan such as 10.25, at position {position}")]
    NotANumber {
        /// The byte that does not belong there, or where a digit is missing.
        position: usize,
    },
    /// It has parts of a fen.
    #[error("amount has more than two decimals, at position {position}")]
    TooFine {
        /// The first decimal too many.
        position: usize,
    },
    /// It is above [`Amount::MAX`].
    #[error("amount is above {} yuan ({} fen)", Amount::MAX, Amount::MAX.fen())]
    TooLarge,
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
        assert_eq!("21474836.48".parse::<Amount>(), Err(InvalidAmount::TooLarge));
        assert_eq!("99999999999999999999".parse::<Amount>(), Err(InvalidAmount::TooLarge));
        assert_eq!("184467440737095516.16".parse::<Amount>(), Err(InvalidAmount::TooLarge));
        assert_eq!(Amount::from_fen(1 << 31), Err(InvalidAmount::TooLarge));
    }

    proptest! {
        #[test]
        fn display_and_parse_agree(fen in 0..=u64::from(Amount::MAX.fen())) {
            let amount = Amount::from_fen(fen).unwrap();
            prop_assert_eq!(amount.to_string().parse(), Ok(amount));
        }
    }
}
