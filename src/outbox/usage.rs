//! [`Usage`]: how the device was used.

use crate::outbox::{ReportAnswer, UnixMillis};

/// How often the device made voice broadcasts and scanned codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Usage {
    /// Voice broadcasts.
    pub broadcasts: u64,
    /// Codes scanned.
    pub scans: u64,
}

/// How the device was used, and what of it was reported to the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct UsageStanding {
    /// What is not reported yet, including what is being reported.
    pub unreported: Usage,
    /// What is being reported. If the host died, the module may or may not have taken it.
    pub sending: Option<Usage>,
    /// What the module took and held in memory alone (result 7), in this boot.
    pub ram_only: Usage,
    /// What the module took in this boot.
    pub this_boot: Usage,
    /// When it was last reported, or when the count began.
    pub reported: Option<UnixMillis>,
    /// The time and the outcome of the last attempt.
    pub last: Option<(UnixMillis, ReportAnswer)>,
}

impl Usage {
    /// Whether nothing was counted.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// The sum of both.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            broadcasts: self.broadcasts.saturating_add(other.broadcasts),
            scans: self.scans.saturating_add(other.scans),
        }
    }

    /// What is left after the other is subtracted.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            broadcasts: self.broadcasts.saturating_sub(other.broadcasts),
            scans: self.scans.saturating_sub(other.scans),
        }
    }
}
