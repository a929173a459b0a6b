//! [`Purpose`] and [`Pid`]: what a code is decoded for, and for whom.

use std::fmt;

use crate::advice::{self, Advice};

/// What a code is decoded for: the decoder's `priority`, and the `pid` that belongs to it.
///
/// ```
/// use m26_pay::campus::decoder::{Pid, Priority, Purpose};
///
/// let canteen = Purpose::Withholding { pid: Pid::from_u64_be(2088000034052130) };
/// assert_eq!(canteen.priority(), Priority::Withholding);
/// assert_eq!(Purpose::Gate { pid: None }.pid(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Purpose {
    /// Opening a gate: no permission is checked. The pid may be left out (spec, 6).
    Gate {
        /// Who accepts the code.
        pid: Option<Pid>,
    },
    /// A payment by withholding: the holder must have agreed to it with this pid.
    Withholding {
        /// Who accepts the code.
        pid: Pid,
    },
}

/// The decoder's `priority`, 业务权限 (spec, 6: `alipay_user_prority_e`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
#[non_exhaustive]
pub enum Priority {
    /// `ALIPAY_USER_PRORITY_IGNORE`, 门禁业务: no permission is checked.
    Gate = 0,
    /// `ALIPAY_USER_PRORITY_AGENT`, 支付代扣业务.
    Withholding = 1,
}

/// The number of who accepts codes (受理业务id), as the 8 bytes that the decoder takes.
///
/// How a pid such as `2088000034052130` becomes 8 bytes is not specified. Two ways are likely, and each
/// has a constructor. Ask the vendor of the decoder which one it takes, or try both: with the wrong
/// one it answers [`USER_AUTH_FAILED`](super::ResultCode::USER_AUTH_FAILED).
///
/// ```
/// use m26_pay::campus::decoder::Pid;
///
/// let pid = 2088000034052130;
/// assert_eq!(Pid::from_u64_be(pid).to_string(), "00076b0664521822");
/// assert_eq!(Pid::from_bcd(pid)?.to_string(), "2088000034052130");
/// assert_eq!(Pid::from_bcd(pid)?.bcd(), Some(pid));
/// # Ok::<(), m26_pay::campus::decoder::InvalidPid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pid(pub [u8; 8]);

impl Purpose {
    /// The `priority` for the decoder.
    #[must_use]
    pub fn priority(self) -> Priority {
        match self {
            Self::Gate { .. } => Priority::Gate,
            Self::Withholding { .. } => Priority::Withholding,
        }
    }

    /// The `pid` for the decoder.
    #[must_use]
    pub fn pid(self) -> Option<Pid> {
        match self {
            Self::Gate { pid } => pid,
            Self::Withholding { pid } => Some(pid),
        }
    }
}

impl Pid {
    /// The number as an unsigned integer of 64 bits, most significant byte first.
    #[must_use]
    pub const fn from_u64_be(number: u64) -> Self {
        Self(number.to_be_bytes())
    }

    /// The number as 16 decimal digits of four bits each (BCD), first digit first.
    ///
    /// # Errors
    /// If it has more than 16 digits.
    pub fn from_bcd(number: u64) -> Result<Self, InvalidPid> {
        let mut rest = number;
        let mut bytes = [0; 8];
        for byte in bytes.iter_mut().rev() {
            let pair = (rest % 100) as u8;
            *byte = ((pair / 10) << 4) | (pair % 10);
            rest /= 100;
        }
        if rest == 0 { Ok(Self(bytes)) } else { Err(InvalidPid { number }) }
    }

    /// The number of which [`from_u64_be`](Self::from_u64_be) makes these bytes.
    #[must_use]
    pub const fn u64_be(self) -> u64 {
        u64::from_be_bytes(self.0)
    }

    /// The number of which [`from_bcd`](Self::from_bcd) makes these bytes, if it is one.
    #[must_use]
    pub fn bcd(self) -> Option<u64> {
        self.0.iter().try_fold(0, |number, byte| {
            let (high, low) = (byte >> 4, byte & 0x0f);
            (high <= 9 && low <= 9).then_some(number * 100 + u64::from(high * 10 + low))
        })
    }
}

impl fmt::Display for Pid {
    /// The bytes in hexadecimal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// A number that has too many digits for [`Pid::from_bcd`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pid {number} has more than the 16 digits that 8 bytes of BCD hold")]
pub struct InvalidPid {
    /// The number.
    pub number: u64,
}

impl InvalidPid {
    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> Advice {
        advice::module::ARGUMENT
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_numbers_of_the_header() {
        assert_eq!(Priority::Gate as u8, 0);
        assert_eq!(Priority::Withholding as u8, 1);
    }

    #[test]
    fn limits_of_bcd() {
        assert_eq!(Pid::from_bcd(9_999_999_999_999_999), Ok(Pid([0x99; 8])));
        let number = 10_000_000_000_000_000;
        assert_eq!(Pid::from_bcd(number), Err(InvalidPid { number }));
        assert_eq!(Pid([0x0a; 8]).bcd(), None);
        assert_eq!(Pid([0xa0; 8]).bcd(), None);
    }

    proptest! {
        #[test]
        fn both_ways_and_back(number in 0..=9_999_999_999_999_999_u64) {
            prop_assert_eq!(Pid::from_bcd(number).unwrap().bcd(), Some(number));
            prop_assert_eq!(Pid::from_bcd(number).unwrap().to_string(), format!("{number:016}"));
            prop_assert_eq!(Pid::from_u64_be(number).u64_be(), number);
        }
    }
}
