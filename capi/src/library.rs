//! The library itself.

use std::ffi::c_char;

/// The version of the library, such as "0.1.0": ends with NUL, is never freed.
#[unsafe(no_mangle)]
pub extern "C" fn m26pay_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}
