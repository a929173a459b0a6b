//! Times of the caller.

use std::time::Duration;

use crate::event::M26PAY_FOREVER;

/// How long to wait; `None` is for ever.
pub(crate) fn timeout(milliseconds: u64) -> Option<Duration> {
    (milliseconds != M26PAY_FOREVER).then(|| Duration::from_millis(milliseconds))
}
