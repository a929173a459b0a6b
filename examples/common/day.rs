//! Waits on the command line: none is longer than a day.

use std::time::Duration;

use crate::seconds;

/// A wait, which ends.
pub(crate) fn wait(text: &str) -> Result<Duration, String> {
    at_most_a_day(seconds::timeout(text)?)
}

/// Alipay cancels nothing after a day (facts of the open platform, `alipay.trade.cancel`), and no
/// other request is worth a longer wait.
pub(crate) fn at_most_a_day(time: Duration) -> Result<Duration, String> {
    if time <= DAY { Ok(time) } else { Err("it is at most 86400 seconds, a day".into()) }
}

const DAY: Duration = Duration::from_secs(24 * 3600);
