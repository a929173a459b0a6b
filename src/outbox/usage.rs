//! How the device was used, until the module has been told.

use crate::outbox::{ReportAnswer, UnixMillis};

/// How often the device spoke and scanned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Usage {
    /// Voice broadcasts.
    pub broadcasts: u64,
    /// Codes scanned.
    pub scans: u64,
}

/// How the device was used, and what the module was told of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct UsageStanding {
    /// What is still to be reported, what is being reported included.
    pub unreported: Usage,
    /// What is being reported. After the host died this means that it may or may not have been
    /// taken.
    pub sending: Option<Usage>,
    /// What the module took and held in memory alone (result 7), in this boot.
    pub ram_only: Usage,
    /// What the module took in this boot.
    pub this_boot: Usage,
    /// When it was last reported, or began to be counted.
    pub reported: Option<UnixMillis>,
    /// What came of the last attempt, and when.
    pub last: Option<(UnixMillis, ReportAnswer)>,
}

impl Usage {
    /// Whether nothing was counted.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self == Self::default()
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            broadcasts: self.broadcasts.saturating_add(other.broadcasts),
            scans: self.scans.saturating_add(other.scans),
        }
    }

    /// What is left without the other.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            broadcasts: self.broadcasts.saturating_sub(other.broadcasts),
            scans: self.scans.saturating_sub(other.scans),
        }
    }
}
