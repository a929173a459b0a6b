//! The result codes of the ALIPAY commands.

use crate::at::command::{DecodeError, Reply};
use crate::at::field::{FieldError, Fields};
use crate::at::result::FinalResult;
use crate::codes::codes;

codes! {
    /// What AT+ALIPAYREP, AT+ALIPAYPINFO and AT+ALIPAYACT answer (spec V1.0, 3.3, 3.7 and 3.8).
    ///
    /// ```
    /// use m26_pay::alipay::ReportStatus;
    ///
    /// assert_eq!(ReportStatus::QUEUE_FULL.to_string(), "6 (the cache queue is full)");
    /// assert_eq!(ReportStatus(42).to_string(), "42 (unknown code)");
    /// ```
    ReportStatus(i32) {
        -1 FAILED "failed",
        0 SUCCESS "success",
        1 PARAMETER "parameter error",
        2 NOT_INITIALISED "not initialised",
        3 QUEUE_ACCESS "the cache queue could not be accessed",
        4 NO_MEMORY "memory allocation failed",
        5 BUSY "network transmission is busy",
        6 QUEUE_FULL "the cache queue is full",
        7 BACKUP_FAILED "data backup failed",
    }
}

codes! {
    /// What AT+ALIPAYSIGN answers (spec V1.0, 3.6).
    ///
    /// The header of the SDK inside the module numbers them differently: 2 is a buffer that is too
    /// small, 3 an IO error, 4 the security library, 5 the call that signs. Which of the two a
    /// firmware sends is not known; the number is kept and named as the spec does.
    SignStatus(i32) {
        -1 FAILED "signing failed",
        0 SUCCESS "success",
        1 PARAMETER "parameter error",
        2 IO "IO error",
        3 SECURITY_LIBRARY "internal error of the security library",
        4 SIGN_CALL "the call that signs failed",
        99 UNKNOWN "unknown error",
    }
}

codes! {
    /// What AT+ALIPAYOPEN answers (spec V1.0, 3.2).
    OpenStatus(i32) {
        -1 FAILED "the Alipay SDK could not be started: restart the module before the next attempt",
        0 OPENED "the Alipay SDK was started",
        1 ALREADY_OPEN "the Alipay SDK runs already",
    }
}

codes! {
    /// What AT+ALIPAYDID answers (spec V1.0, 3.5).
    DeviceIdStatus(i32) {
        -1 FAILED "the query failed",
        0 SUCCESS "success",
    }
}

/// Where the module holds a record that it accepted. It is *held*, not delivered: the SDK sends its
/// cache later, in batches, and nothing reports when a record has arrived.
///
/// A change of the configuration discards held records, wherever they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Held {
    /// In the cache (result 0, or an `OK` alone where the profile lets it stand for that).
    Stored,
    /// In memory alone, since the backup failed (result 7): a restart of the module loses it.
    RamOnly,
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Stored => "held by the module",
            Self::RamOnly => "held by the module in memory alone",
        })
    }
}

impl Held {
    /// The result code that says so.
    #[must_use]
    pub fn status(self) -> ReportStatus {
        match self {
            Self::Stored => ReportStatus::SUCCESS,
            Self::RamOnly => ReportStatus::BACKUP_FAILED,
        }
    }
}

impl ReportStatus {
    /// The code of a result line, which is all that it holds.
    #[inline(always)]
    pub(crate) fn parse(fields: &mut Fields<'_>) -> Result<Self, FieldError> {
        fields.int("result").map(Self)
    }

    /// Where the record is, or the error of `command`.
    pub(crate) fn held(self, command: &'static str) -> Result<Held, DecodeError> {
        match self {
            Self::SUCCESS => Ok(Held::Stored),
            Self::BACKUP_FAILED => Ok(Held::RamOnly),
            Self(code) => Err(failed(command, code, self.description())),
        }
    }
}

/// Where the record is, by the reply to a command whose result is a [`ReportStatus`].
pub(crate) fn held(
    reply: &Reply,
    prefix: &'static str,
    command: &'static str,
) -> Result<Held, DecodeError> {
    // A reply without the line gets here only if the profile does not require the line.
    if reply.result.is_none() && reply.final_result == Some(FinalResult::Ok) {
        return Ok(Held::Stored);
    }
    reply.parse_result(prefix, ReportStatus::parse)?.held(command)
}

/// A result code that is no success.
pub(crate) fn failed(
    command: &'static str,
    code: i32,
    meaning: Option<&'static str>,
) -> DecodeError {
    DecodeError::Result { command, code, meaning: meaning.unwrap_or("unknown code") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_is_a_success_that_says_so() {
        assert_eq!(ReportStatus(0).held("AT+X"), Ok(Held::Stored));
        assert_eq!(ReportStatus(7).held("AT+X"), Ok(Held::RamOnly));
        for code in [-1, 1, 2, 3, 4, 5, 6, 8, i32::MIN] {
            let error = ReportStatus(code).held("AT+X").unwrap_err();
            assert!(matches!(error, DecodeError::Result { code: found, .. } if found == code));
        }
        assert_eq!(Held::RamOnly.status(), ReportStatus(7));
    }

    #[test]
    fn every_code_of_the_spec_is_described() {
        assert!((-1..=7).all(|code| ReportStatus(code).description().is_some()));
        assert!(
            [-1, 0, 1, 2, 3, 4, 99].iter().all(|code| SignStatus(*code).description().is_some())
        );
        assert_eq!(SignStatus(5).description(), None);
        assert!((-1..=1).all(|code| OpenStatus(code).description().is_some()));
    }
}
