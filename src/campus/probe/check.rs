//! [`Check`]: whether a layout makes sense of a capture.

use std::fmt;

use super::Capture;
use crate::campus::charset::{Charset, Encoding};
use crate::campus::field::{Field, SchoolNo};
use crate::campus::layout::Layout;
use crate::campus::user_data::{UserData, UserDataReason};
use crate::secret::Secret;

/// The check that a layout fails. It shows nothing of the capture's contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// `extinfos` has something in it.
    Extinfos,
    /// The field differs from what is known of the holder.
    Holder(Field),
    /// The user data cannot be read by this layout.
    Read {
        /// The field, or `None` if it is the envelope.
        field: Option<Field>,
        /// What is wrong with it.
        reason: UserDataReason,
    },
    /// `school_no` is not that of the terminal.
    School,
    /// The name is not in its encoding.
    StudentName,
    /// `student_no` has characters other than printable ASCII.
    StudentNo,
    /// The layout is for another template.
    Template,
}

impl Check {
    /// What it is about, in one word, so that failures can be counted.
    #[must_use]
    pub fn subject(self) -> &'static str {
        match self {
            Self::Extinfos => "extinfos",
            Self::Holder(_) => "holder",
            Self::Read { reason, .. } => match reason {
                UserDataReason::Overlong { .. }
                | UserDataReason::Trailing { .. }
                | UserDataReason::Truncated { .. } => "length",
                UserDataReason::OutOfRange(_) => "range",
                UserDataReason::NotDigit => "digits",
                _ => "envelope",
            },
            Self::School => "school",
            Self::StudentName => "student_name",
            Self::StudentNo => "student_no",
            Self::Template => "template",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Extinfos => f.write_str("extinfos is not empty"),
            Self::Holder(field) => write!(f, "{field} is not the holder's"),
            Self::Read { field, reason } => {
                write!(f, "{} {reason}", field.map_or("the user data", Field::name))
            }
            Self::School => f.write_str("school_no is not the terminal's own"),
            Self::StudentName => f.write_str("student_name is not in its encoding"),
            Self::StudentNo => f.write_str("student_no is not printable ASCII"),
            Self::Template => f.write_str("the layout is for another template"),
        }
    }
}

/// Reads a capture by a layout, and checks whether it makes sense.
///
/// # Errors
/// The first check that fails, and the byte at which it does.
pub(super) fn check<'a>(
    layout: &'a Layout,
    capture: &'a Capture,
    own: Option<SchoolNo>,
) -> Result<UserData<'a>, (Check, Option<usize>)> {
    if capture.template.is_some_and(|template| template != layout.template()) {
        return Err((Check::Template, None));
    }
    // The encoding does not matter until the name is decoded.
    let encoding = capture.encoding.unwrap_or(Encoding::GB2312);
    let user_data =
        UserData::parse(layout, encoding, capture.user_data.expose()).map_err(|error| {
            let check = Check::Read { field: error.field, reason: error.reason };
            (check, Some(error.position))
        })?;
    let wrong = |field, offset, check| {
        Err((check, user_data.position(field).map(|position| position + offset)))
    };
    let bytes = |field| user_data.raw(field).map(|bytes| bytes.into_inner());

    if differs(user_data.school_no(), own) {
        return wrong(Field::SchoolNo, 0, Check::School);
    }
    let printable = |byte: &u8| matches!(byte, b' '..=b'~');
    let unprintable =
        bytes(Field::StudentNo).and_then(|bytes| bytes.iter().position(|byte| !printable(byte)));
    if let Some(offset) = unprintable {
        return wrong(Field::StudentNo, offset, Check::StudentNo);
    }
    if let Some(offset) = bytes(Field::StudentName).and_then(|bytes| undecodable(bytes, capture)) {
        return wrong(Field::StudentName, offset, Check::StudentName);
    }
    if bytes(Field::Extinfos).is_some_and(|bytes| !bytes.is_empty()) {
        return wrong(Field::Extinfos, 0, Check::Extinfos);
    }

    let holder = &capture.holder;
    let is = |known: Option<&str>, field| match (known, bytes(field)) {
        (Some(known), Some(bytes)) => match field {
            Field::StudentName => Charset::possible(capture.encoding)
                .any(|charset| charset.has_bytes_of(bytes, known)),
            _ => bytes == known.as_bytes(),
        },
        _ => true,
    };
    let text = |text: &'a Option<Secret<String>>| text.as_ref().map(|text| text.expose().as_str());
    for (field, fits) in [
        (Field::SchoolNo, !differs(user_data.school_no(), holder.school_no)),
        (Field::IdentifyId, is(text(&holder.identify_id), Field::IdentifyId)),
        (Field::CardType, !differs(user_data.card_type(), holder.card_type)),
        (Field::StudentNo, is(text(&holder.student_no), Field::StudentNo)),
        (Field::StudentName, is(text(&holder.student_name), Field::StudentName)),
    ] {
        if !fits {
            return wrong(field, 0, Check::Holder(field));
        }
    }
    Ok(user_data)
}

/// Whether both are known and differ.
fn differs<T: PartialEq>(one: Option<T>, other: Option<T>) -> bool {
    one.is_some() && other.is_some() && one != other
}

/// The byte from which a name cannot be decoded. In an unknown encoding anything may be a name.
fn undecodable(bytes: &[u8], capture: &Capture) -> Option<usize> {
    if capture.encoding.is_some_and(|encoding| encoding.charset().is_none()) {
        return None;
    }
    let mut furthest = None;
    for charset in Charset::possible(capture.encoding) {
        match charset.decode(bytes) {
            Ok(_) => return None,
            Err(error) => furthest = furthest.max(Some(error.position)),
        }
    }
    furthest
}
