//! The user data of a campus code, and the probe that finds its layout.

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::field::{CardType, Field, SchoolNo};
use m26_pay::campus::layout::{Card, Envelope, FieldKind, Layout};
use m26_pay::campus::probe::{Capture, Holder, Probe};
use m26_pay::campus::template::Template;
use m26_pay::campus::user_data::UserData;
use m26_pay::secret::Secret;

use super::source::{Source, assert_hidden, unfold};
use support::campus::check;

/// By any layout, any bytes are a user data as a reading item by item has it, or no user data; and
/// what a card says comes back if it can be written.
///
/// First the layout (see `any_layout`) and the encoding; then a byte that chooses between bytes and
/// a card (see `card`).
pub fn user_data(data: &[u8]) {
    let mut source = Source::new(data);
    let Some(layout) = any_layout(&mut source) else { return };
    let encoding = Encoding(u32::from(source.byte() % 3));
    if source.flag() {
        let bytes = unfold(source.rest());
        check(&layout, encoding, &bytes);
        if let Ok(user_data) = UserData::parse(&layout, encoding, &bytes) {
            assert_hidden(&format!("{user_data:?} {:?}", user_data.student_name()));
        }
    } else {
        written(&layout, encoding, &card(&mut source));
    }
}

fn written(layout: &Layout, encoding: Encoding, card: &Card) {
    assert_hidden(&format!("{card:?}"));
    let bytes = match layout.encode(card, encoding) {
        Ok(bytes) => bytes,
        Err(error) => return assert_hidden(&format!("{error} {error:?}")),
    };
    check(layout, encoding, &bytes);
    let user_data = UserData::parse(layout, encoding, &bytes).unwrap();
    let has = |field| layout.has(field);
    assert_eq!(user_data.school_no(), has(Field::SchoolNo).then_some(card.school_no));
    assert_eq!(user_data.card_type(), has(Field::CardType).then_some(card.card_type));
    for (field, held, expected) in [
        (Field::IdentifyId, user_data.identify_id(), card.identify_id.as_bytes()),
        (Field::StudentNo, user_data.student_no(), card.student_no.as_bytes()),
        (Field::Extinfos, user_data.extinfos(), &card.extinfos),
    ] {
        assert_eq!(held.map(|held| *held.expose()), has(field).then_some(expected));
    }
    // As it is coded: its text may be another.
    assert_eq!(user_data.is_named(&card.student_name), has(Field::StudentName));
    assert_eq!(user_data.student_name().unwrap().is_some(), has(Field::StudentName));
}

/// One of those that are built in, or up to 15 items of two bytes each.
fn any_layout(source: &mut Source<'_>) -> Option<Layout> {
    let envelope = source.one(&Envelope::ALL);
    let count = source.below(18);
    let layout = match count {
        16 => Layout::TEMPLATE_4,
        17 => Layout::TEMPLATE_5,
        _ => {
            let start = Layout::builder(Template(source.byte().into()));
            let items = (0..count).fold(start, |builder, _| {
                let fields = [&Field::NAMED[..], &[Field::Reserved]].concat();
                let field = source.one(&fields);
                builder.field(field, kind(source.byte()))
            });
            items.build().ok()?
        }
    };
    Some(layout.with_envelope(envelope))
}

fn kind(byte: u8) -> FieldKind {
    match byte {
        0..=15 => FieldKind::Byte,
        16..=31 => FieldKind::High,
        32..=47 => FieldKind::Low,
        48..=63 => FieldKind::U64,
        64..=127 => FieldKind::Vars,
        128..=191 => FieldKind::Bytes(byte - 128),
        192..=255 => FieldKind::Digits(byte - 192),
    }
}

/// Two bytes, and texts, each up to an LF: the number of the school, of the card and of the
/// student, the name, and what is reserved.
fn card(source: &mut Source<'_>) -> Card {
    let (card_type, card_status) = (source.byte() % (CardType::MAX + 1), source.byte());
    let mut text = || String::from_utf8_lossy(&unfold(source.until(b'\n'))).into_owned();
    Card {
        school_no: text().parse().unwrap_or(Card::sample().school_no),
        identify_id: text(),
        card_type: CardType::new(card_type).unwrap(),
        card_status,
        student_no: text(),
        student_name: text(),
        extinfos: unfold(source.until(b'\n')),
    }
}

/// Any captures have a report, which shows nothing of them, and the layout by which one was written
/// is among those that fit it.
///
/// The first byte chooses between captures, which are a byte that says what is known and bytes up
/// to an LF, and a card.
pub fn probe(data: &[u8]) {
    let mut source = Source::new(data);
    if source.flag() {
        let mut captures = Vec::new();
        while !source.is_empty() && captures.len() < 3 {
            captures.push(capture(&mut source));
        }
        let report = Probe::new().run(&captures);
        for misfit in &report.misfits {
            let length = captures[misfit.capture].user_data.expose().len();
            assert!(misfit.position.is_none_or(|position| position <= length));
        }
        assert_hidden(&format!("{report} {report:?} {captures:?}"));
    } else {
        let layout = source.one(&[Layout::TEMPLATE_4, Layout::TEMPLATE_5]);
        let layout = layout.with_envelope(source.one(&Envelope::ALL));
        let encoding = Encoding(u32::from(source.byte() % 3));
        found(&layout, encoding, &card(&mut source));
    }
}

fn capture(source: &mut Source<'_>) -> Capture {
    let known = source.byte();
    let on = |bit: u8| known & 1 << bit != 0;
    let text = |text: &str| Some(Secret::new(text.to_string()));
    let user_data = unfold(source.until(b'\n'));
    Capture {
        template: on(0).then_some(Template(u32::from(known >> 6) + 4)),
        encoding: on(1).then_some(Encoding(u32::from(known >> 5))),
        holder: Holder {
            school_no: SchoolNo::new(4_151_012_212).filter(|_| on(2)),
            identify_id: text("1234567890123456").filter(|_| on(3)),
            card_type: CardType::new(3).filter(|_| on(4)),
            student_no: text("2020010203").filter(|_| on(5)),
            student_name: text(super::source::MARKER).filter(|_| on(6)),
        },
        ..Capture::new(user_data)
    }
}

fn found(layout: &Layout, encoding: Encoding, card: &Card) {
    let Ok(bytes) = layout.encode(card, encoding) else { return };
    let printable = card.student_no.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let sensible = card.extinfos.is_empty() && (printable || !layout.has(Field::StudentNo));
    let text = |text: &String| Some(Secret::new(text.clone()));
    let capture = Capture {
        template: Some(layout.template()),
        encoding: Some(encoding),
        holder: Holder {
            school_no: Some(card.school_no),
            identify_id: text(&card.identify_id),
            card_type: Some(card.card_type),
            student_no: text(&card.student_no),
            student_name: text(&card.student_name),
        },
        ..Capture::new(bytes)
    };
    let report = Probe::new().school_no(card.school_no).run(&[capture]);
    assert_eq!(report.fits.contains(layout), sensible, "{report}");
    assert_hidden(&format!("{report} {report:?}"));
}
