//! A QR code on a terminal.

use std::io::{self, IsTerminal as _, Write as _};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

use crate::screen::note;

/// Shows the customer what is to be scanned: drawn where there is a terminal, on standard error if
/// standard output is for a program. Without a terminal, who `waits` for the customer is told its
/// text; for who does not, it is in the result.
pub(crate) fn show(text: &str, json: bool, waits: bool) {
    let drawing = match QrCode::new(text) {
        // Light on dark is what most terminals are, and scanners want dark on light.
        Ok(code) => code
            .render::<Dense1x2>()
            .dark_color(Dense1x2::Light)
            .light_color(Dense1x2::Dark)
            .build(),
        Err(error) => return note(&format_args!("the code cannot be drawn: {error}")),
    };
    // Who cannot see it cannot scan it: the result has its text.
    if !json && io::stdout().is_terminal() {
        drop(writeln!(io::stdout(), "{drawing}"));
    } else if io::stderr().is_terminal() {
        drop(writeln!(io::stderr(), "{drawing}"));
    } else if waits {
        note(&format_args!("the customer scans {text}"));
    }
}
