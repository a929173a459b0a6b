//! Texts of the caller.

use std::ffi::c_char;

use crate::failure::Failure;
use crate::pointer;
use crate::status::M26PAY_NOT_UTF8;

/// A text, in UTF-8: so many bytes, behind which no NUL need stand. NULL with a length of 0 is "none".
///
/// One that the library is given is read while the call lasts. One that the library gives ends with a
/// NUL that is not counted, and lives as long as the `memory` beside it, or the call of a callback.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_str {
    /// Its first byte.
    pub data: *const c_char,
    /// How many bytes it has.
    pub length: usize,
}

impl m26pay_str {
    /// No text.
    pub(crate) const NONE: Self = Self { data: std::ptr::null(), length: 0 };

    pub(crate) fn is_none(&self) -> bool {
        self.data.is_null() && self.length == 0
    }
}

/// The text.
///
/// # Safety
/// Unless it is NULL, `text.data` is valid for reads of `text.length` bytes while the result lives.
pub(crate) unsafe fn text<'a>(what: &str, text: m26pay_str) -> Result<&'a str, Failure> {
    // SAFETY: as the caller promises.
    let bytes = unsafe { pointer::slice(what, text.data.cast::<u8>(), text.length, LONGEST) }?;
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        Failure::misuse(M26PAY_NOT_UTF8, format_args!("{what} is not UTF-8 from byte {at} on"))
    })
}

/// What need not be UTF-8, such as a file in DER.
///
/// # Safety
/// As [`text`].
#[cfg(feature = "payments")]
pub(crate) unsafe fn bytes<'a>(what: &str, it: m26pay_str) -> Result<&'a [u8], Failure> {
    // SAFETY: as the caller promises.
    unsafe { pointer::slice(what, it.data.cast::<u8>(), it.length, LONGEST) }
}

/// The text, if there is one.
///
/// # Safety
/// As [`text`].
pub(crate) unsafe fn optional<'a>(what: &str, it: m26pay_str) -> Result<Option<&'a str>, Failure> {
    if it.is_none() {
        return Ok(None);
    }
    // SAFETY: as the caller promises.
    unsafe { text(what, it) }.map(Some)
}

/// Not specified; chosen because no argument is so long, and a length that is a mistake mostly is.
const LONGEST: usize = 1 << 20;
