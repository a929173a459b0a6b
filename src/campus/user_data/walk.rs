//! A user data, checked item by item: slower than a plan, and it knows what is wrong.

use super::{UserData, UserDataError, UserDataReason};
use crate::campus::field::Field;
use crate::campus::layout::{FieldKind, Layout};
use crate::campus::template::Template;

/// Checks the lengths and the digits of everything, and that nothing is left over.
///
/// # Errors
/// The first that is wrong.
#[cold]
pub(super) fn check(layout: &Layout, bytes: &[u8]) -> Result<(), UserDataError> {
    let mut position = usize::from(layout.envelope().size());
    for item in layout.items() {
        let field = Some(item.field);
        let fixed = take(layout, field, bytes, position, item.kind.fixed_size().into())?;
        if let FieldKind::Digits(_) = item.kind {
            if let Some(index) = fixed.iter().position(|byte| !byte.is_ascii_digit()) {
                return Err(UserDataError::at(
                    layout,
                    field,
                    position + index,
                    UserDataReason::NotDigit,
                ));
            }
        }
        position += fixed.len();
        if let (FieldKind::Vars, [length]) = (item.kind, fixed) {
            position = after(layout, field, bytes, position, *length)?;
        }
    }
    end(layout, bytes, position)
}

/// Checks the length of all of it, and what stands in front of the fields.
///
/// # Errors
/// If it is too long, or if the envelope is not there, names another template, or another length
/// than that of what follows.
#[cold]
pub(super) fn check_front(layout: &Layout, bytes: &[u8]) -> Result<(), UserDataError> {
    let (length, limit) = (bytes.len(), UserData::MAX_LENGTH);
    if length > limit {
        return Err(UserDataError::at(
            layout,
            None,
            limit,
            UserDataReason::TooLong { length, limit },
        ));
    }
    let envelope = layout.envelope();
    let mut position = 0;
    let front = take(layout, None, bytes, position, envelope.template_size().into())?;
    if let [a, b, c, d] = *front {
        let expected = layout.template();
        if Template::from_be_bytes([a, b, c, d]) != expected {
            let reason = UserDataReason::OtherTemplate { expected };
            return Err(UserDataError::at(layout, None, position, reason));
        }
    }
    position += front.len();
    if let [length] = *take(layout, None, bytes, position, envelope.length_size().into())? {
        return end(layout, bytes, after(layout, None, bytes, position + 1, length)?);
    }
    Ok(())
}

/// So many bytes from there on.
fn take<'a>(
    layout: &Layout,
    field: Option<Field>,
    bytes: &'a [u8],
    position: usize,
    needed: usize,
) -> Result<&'a [u8], UserDataError> {
    let rest = bytes.get(position..).unwrap_or_default();
    rest.get(..needed).ok_or_else(|| {
        let reason = UserDataReason::Truncated { needed, left: rest.len() };
        UserDataError::at(layout, field, position, reason)
    })
}

/// Where what has this length ends.
fn after(
    layout: &Layout,
    field: Option<Field>,
    bytes: &[u8],
    position: usize,
    length: u8,
) -> Result<usize, UserDataError> {
    let left = bytes.len().saturating_sub(position);
    if usize::from(length) > left {
        return Err(UserDataError::at(layout, field, position, UserDataReason::Overlong { left }));
    }
    Ok(position + usize::from(length))
}

fn end(layout: &Layout, bytes: &[u8], position: usize) -> Result<(), UserDataError> {
    match bytes.len().saturating_sub(position) {
        0 => Ok(()),
        count => Err(UserDataError::at(layout, None, position, UserDataReason::Trailing { count })),
    }
}
