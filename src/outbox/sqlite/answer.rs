//! The columns that say what came of the last attempt.

use super::row::{Reader, Writer};
use crate::alipay::status::ReportStatus;
use crate::outbox::{Answer, Doubt, UnixMillis};
use crate::sqlite::StoreError;

pub(super) fn write(row: Writer, last: Option<(UnixMillis, Answer)>) -> Writer {
    let (kind, code) = match last.map(|(_, answer)| answer) {
        None => (None, None),
        Some(Answer::Result(status)) => (Some(RESULT), Some(status.0)),
        Some(Answer::Refused(code)) => (Some(REFUSED), code.map(i32::from)),
        Some(Answer::Unknown(doubt)) => (Some(UNKNOWN), Some(number(doubt))),
        Some(Answer::Unsendable) => (Some(UNSENDABLE), None),
    };
    row.maybe_int(last.map(|(time, _)| time.0)).maybe_int(kind).maybe_int(code)
}

pub(super) fn read(reader: &mut Reader) -> Result<Option<(UnixMillis, Answer)>, StoreError> {
    let answered = reader.maybe_number("answered")?.map(UnixMillis);
    let kind: Option<i32> = reader.maybe_number("answer")?;
    let code: Option<i32> = reader.maybe_number("answer_code")?;
    let answer = match (kind, code) {
        (None, None) if answered.is_none() => return Ok(None),
        (Some(RESULT), Some(code)) => Some(Answer::Result(ReportStatus(code))),
        (Some(REFUSED), None) => Some(Answer::Refused(None)),
        (Some(REFUSED), Some(code)) => {
            u16::try_from(code).ok().map(|code| Answer::Refused(Some(code)))
        }
        (Some(UNKNOWN), Some(code)) => {
            DOUBTS.into_iter().find(|doubt| number(*doubt) == code).map(Answer::Unknown)
        }
        (Some(UNSENDABLE), None) => Some(Answer::Unsendable),
        _ => None,
    };
    answered.zip(answer).map(Some).ok_or_else(|| reader.damaged("answer"))
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

const DOUBTS: [Doubt; 5] =
    [Doubt::Contradicted, Doubt::Disconnected, Doubt::Interrupted, Doubt::Stopped, Doubt::TimedOut];

const RESULT: i32 = 0;
const REFUSED: i32 = 1;
const UNKNOWN: i32 = 2;
const UNSENDABLE: i32 = 3;
