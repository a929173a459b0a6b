//! The numbers that stand for the outcome of an attempt.

use crate::alipay::ReportStatus;
use crate::outbox::{Doubt, ReportAnswer, UnixMillis};

/// The kind of an answer, and its code.
pub(super) fn numbers(answer: Option<ReportAnswer>) -> (Option<i32>, Option<i32>) {
    match answer {
        None => (None, None),
        Some(ReportAnswer::Result(status)) => (Some(RESULT), Some(status.0)),
        Some(ReportAnswer::Refused(code)) => (Some(REFUSED), code.map(i32::from)),
        Some(ReportAnswer::Unknown(doubt)) => (Some(UNKNOWN), Some(number(doubt))),
        Some(ReportAnswer::InvalidCommand) => (Some(UNSENDABLE), None),
    }
}

/// The answer for which these numbers stand, with its time; `None` if there is no such answer.
pub(super) fn of(
    answered: Option<i64>,
    kind: Option<i32>,
    code: Option<i32>,
) -> Option<Option<(UnixMillis, ReportAnswer)>> {
    let answer = match (kind, code) {
        (None, None) => return answered.is_none().then_some(None),
        (Some(RESULT), Some(code)) => ReportAnswer::Result(ReportStatus(code)),
        (Some(REFUSED), None) => ReportAnswer::Refused(None),
        (Some(REFUSED), Some(code)) => ReportAnswer::Refused(Some(code.try_into().ok()?)),
        (Some(UNKNOWN), Some(code)) => {
            ReportAnswer::Unknown(Doubt::ALL.into_iter().find(|doubt| number(*doubt) == code)?)
        }
        (Some(UNSENDABLE), None) => ReportAnswer::InvalidCommand,
        _ => return None,
    };
    Some(Some((UnixMillis(answered?), answer)))
}

fn number(doubt: Doubt) -> i32 {
    match doubt {
        Doubt::Contradicted => 0,
        Doubt::Disconnected => 1,
        Doubt::Interrupted => 2,
        Doubt::Stopped => 3,
        Doubt::TimedOut => 4,
    }
}

const RESULT: i32 = 0;
const REFUSED: i32 = 1;
const UNKNOWN: i32 = 2;
const UNSENDABLE: i32 = 3;
