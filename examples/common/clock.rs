//! A clock that was never set, as that of a terminal without a battery after its power came.

use std::io::{self, Write as _};

use m26_pay::advice::Language;
use m26_pay::unix_time::UnixMillis;

use crate::language::language;
use crate::wall::wall;

/// Tells the person at the screen if the host's clock was never set.
pub(crate) fn warn() {
    if let Some(warning) = warning(wall(), language()) {
        drop(writeln!(io::stderr(), "{warning}"));
    }
}

fn warning(now: UnixMillis, language: Language) -> Option<&'static str> {
    match language {
        _ if now.is_plausible() => None,
        Language::Chinese => Some(
            "注意：本机时钟显示的时间早于 2020 年，说明从未对时。上报记录的时间会是错的，有时效的付款码会被拒收。请先联网对时，或用 date -s 设置时间。",
        ),
        _ => Some(
            "Attention: the clock of this computer shows a time before 2020, so it was never set. Reports will bear a wrong time, and codes that expire will be refused. Set it first, over the network or with date -s.",
        ),
    }
}
