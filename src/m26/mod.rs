//! The module's own commands, as far as a terminal needs them around the ALIPAY commands.
//!
//! Sources: Quectel M26 AT命令手册 V1.1 ("M26AT"), Quectel M66 AT Commands Manual V1.0 ("M66AT", the
//! same platform), and the example in chapter 4 of Quectel M26 Alipay SDK 应用指导 V1.0 ("the spec").
//! Their string arguments are in quotes whatever the profile says: it speaks of the ALIPAY commands.

pub mod basic;
pub mod clock;
pub mod context;
pub mod host_clock;
pub mod identity;
pub mod power;
pub mod raw;
pub mod registration;
pub mod signal;
pub mod sim;
pub mod status;

use crate::at::command::{DecodeError, Reply};
use crate::at::field::FieldError;
use crate::at::syntax::View;

/// The first line of text that `read` understands.
fn find_text<'a, T>(
    reply: &'a Reply,
    expected: &'static str,
    read: impl Fn(&'a str) -> Option<T>,
) -> Result<T, DecodeError> {
    let mut texts = reply.lines.iter().filter_map(|line| match line.view() {
        View::Text(text) => Some((line, std::str::from_utf8(text).ok())),
        _ => None,
    });
    let first = texts.next().ok_or(DecodeError::Missing { expected })?;
    std::iter::once(first)
        .chain(texts)
        .find_map(|(_, text)| read(text?))
        .ok_or_else(|| DecodeError::malformed(first.0, FieldError { expected, position: 0 }))
}
