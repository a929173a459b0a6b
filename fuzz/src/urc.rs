//! Lines that nobody asked for.

use m26_pay::at::profile::Profile;
use m26_pay::at::syntax::View;
use m26_pay::urc::Urc;

use super::source::{assert_hidden, unfold};

/// No line panics or is lost, what is owned is the same as what was borrowed, and nothing of it
/// shows that may be secret. One line after the other, with LF between them.
pub fn urc(data: &[u8]) {
    for line in data.split(|byte| *byte == b'\n') {
        one(&unfold(line));
    }
}

fn one(line: &[u8]) {
    let urc = Urc::parse(line);
    let owned = urc.clone().into_owned();
    assert_eq!(owned, urc);
    assert_eq!(owned.name(), urc.name());
    let shown = format!("{urc:?}");
    assert_eq!(format!("{owned:?}"), shown);
    let view = View::of(line);
    match &urc {
        Urc::Unknown { line: kept } => {
            assert_eq!(&kept[..], line);
            // A line that is one by its text has a type.
            assert!(
                !matches!(view, View::Text(_))
                    || !Profile::quectel().urcs.iter().any(|urc| urc.matches(&view))
            );
        }
        _ => {
            assert!(!matches!(view, View::Final(_)));
            assert!(!urc.name().is_empty());
            assert!(
                view.args_of(urc.name()).is_some() || view == View::Text(urc.name().as_bytes())
            );
            assert_eq!(Urc::parse(&[line, b" \0"].concat()), urc, "blanks behind a line");
        }
    }
    // A bizTid is no secret: it is printed on every terminal's screen.
    if !matches!(urc, Urc::AlipayDeviceId { .. }) {
        assert_hidden(&shown);
    }
    assert_hidden(urc.name());
}
