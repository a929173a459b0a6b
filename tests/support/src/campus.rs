//! What must hold of a user data and of a layout's file, whatever they are.

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::field::Field;
use m26_pay::campus::layout::{Envelope, FieldKind, Layout};
use m26_pay::campus::user_data::{UserData, UserDataReason};

/// Whatever the bytes are: an error in them, or a value that is what stands there.
pub fn check(layout: &Layout, encoding: Encoding, bytes: &[u8]) {
    let plain = plain(layout, bytes);
    let data = match UserData::parse(layout, encoding, bytes) {
        Ok(data) => data,
        Err(error) => {
            assert!(error.position <= bytes.len(), "{}", error);
            assert_eq!(error.standing, layout.standing());
            let range = matches!(error.reason, UserDataReason::OutOfRange(_));
            assert_eq!(range, plain.is_some(), "{}", error);
            return;
        }
    };
    let plain = plain.expect("a reading, item by item");
    for field in Field::NAMED {
        let held = plain.iter().find(|(found, _)| *found == field).map(|(_, held)| &held[..]);
        let raw = data.raw(field).map(|raw| *raw.expose());
        assert_eq!(raw, held, "{}", field);
        if let Some(raw) = raw {
            let position = data.position(field).expect("a position");
            assert_eq!(bytes.get(position..position + raw.len()), Some(raw));
        }
    }
    assert_eq!(data.school_no().is_some(), layout.has(Field::SchoolNo));
    assert_eq!(data.card_type().is_some(), layout.has(Field::CardType));
    match data.student_name() {
        Ok(name) => assert_eq!(name.is_some(), layout.has(Field::StudentName)),
        Err(error) => {
            assert!(error.position < bytes.len(), "{}", error);
            assert!(matches!(error.reason, UserDataReason::Undecodable(_)), "{}", error);
        }
    }
}

/// A text is a layout that is written as it was read, or there is an error somewhere in it, or right
/// behind it.
pub fn check_text(text: &str) {
    match text.parse::<Layout>() {
        Ok(layout) => assert_eq!(layout.to_string().parse(), Ok(layout)),
        Err(error) => {
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            let lines: Vec<_> = text.lines().collect();
            assert!((1..=lines.len() + 1).contains(&error.line), "{}", error);
            let line = lines.get(error.line - 1).copied().unwrap_or_default();
            assert!((1..=line.chars().count() + 1).contains(&error.column), "{}", error);
        }
    }
}

/// Another reading of the same bytes, item by item: every field and what it holds.
fn plain(layout: &Layout, bytes: &[u8]) -> Option<Vec<(Field, Vec<u8>)>> {
    fn take(rest: &mut &[u8], count: usize) -> Option<Vec<u8>> {
        let (taken, left) = rest.split_at_checked(count)?;
        *rest = left;
        Some(taken.to_vec())
    }
    let mut rest = bytes;
    let envelope = layout.envelope();
    if matches!(envelope, Envelope::Template | Envelope::TemplateAndLength) {
        let template = take(&mut rest, 4)?;
        (template == layout.template().0.to_be_bytes()).then_some(())?;
    }
    if matches!(envelope, Envelope::Length | Envelope::TemplateAndLength) {
        let length = take(&mut rest, 1)?;
        (usize::from(length[0]) == rest.len()).then_some(())?;
    }
    let mut fields: Vec<(Field, Vec<u8>)> = Vec::new();
    for item in layout.items() {
        let held = match item.kind {
            FieldKind::Byte | FieldKind::High => take(&mut rest, 1)?,
            FieldKind::Low => fields.last()?.1.clone(),
            FieldKind::Bytes(count) => take(&mut rest, count.into())?,
            FieldKind::Digits(count) => {
                take(&mut rest, count.into()).filter(|held| held.iter().all(u8::is_ascii_digit))?
            }
            FieldKind::U64 => take(&mut rest, 8)?,
            FieldKind::Vars => {
                let length = take(&mut rest, 1)?;
                take(&mut rest, length[0].into())?
            }
            kind => panic!("{kind:?} is not known here"),
        };
        fields.push((item.field, held));
    }
    rest.is_empty().then_some(fields)
}
