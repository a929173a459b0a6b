//! The view of a user data.

use m26_pay::campus::charset::{Charset, Encoding};
use m26_pay::campus::field::{CardType, Field};
use m26_pay::campus::layout::{Card, Envelope, FieldKind, Layout, LayoutStanding};
use m26_pay::campus::layouts::{CodeContents, Layouts};
use m26_pay::campus::template::Template;
use m26_pay::campus::user_data::{Name, UserData, UserDataError, UserDataReason};
use proptest::prelude::*;

use crate::any;
use support::campus::check;

fn sample() -> Vec<u8> {
    Layout::TEMPLATE_5.encode(&Card::sample(), Encoding::GB2312).unwrap()
}

fn parse<'a>(layout: &'a Layout, bytes: &'a [u8]) -> Result<UserData<'a>, UserDataError> {
    UserData::parse(layout, Encoding::GB2312, bytes)
}

proptest! {
    #[test]
    fn what_is_encoded_is_read(
        layout in any::layout(),
        card in any::card(),
        encoding in any::encoding(),
    ) {
        let bytes = layout.encode(&card, encoding).unwrap();
        let data = UserData::parse(&layout, encoding, &bytes).unwrap();
        prop_assert_eq!(data.template(), layout.template());
        prop_assert_eq!(data.standing(), layout.standing());
        prop_assert_eq!(data.encoding(), encoding);
        let has = |field| layout.has(field);
        prop_assert_eq!(data.school_no(), has(Field::SchoolNo).then_some(card.school_no));
        prop_assert_eq!(data.card_type(), has(Field::CardType).then_some(card.card_type));
        for (field, held, expected) in [
            (Field::IdentifyId, data.identify_id(), card.identify_id.as_bytes()),
            (Field::StudentNo, data.student_no(), card.student_no.as_bytes()),
            (Field::Extinfos, data.extinfos(), &card.extinfos),
        ] {
            prop_assert_eq!(held.map(|held| *held.expose()), has(field).then_some(expected));
        }
        let name = data.student_name().unwrap();
        let name = name.as_ref().and_then(Name::text);
        prop_assert_eq!(name, has(Field::StudentName).then_some(&card.student_name[..]));
        check(&layout, encoding, &bytes);
    }

    #[test]
    fn every_prefix_is_an_error(layout in any::layout(), card in any::card()) {
        let bytes = layout.encode(&card, Encoding::GB2312).unwrap();
        for length in 0..bytes.len() {
            let error = parse(&layout, &bytes[..length]).unwrap_err();
            let short = match error.reason {
                UserDataReason::Truncated { needed, left } => left < needed,
                UserDataReason::Overlong { left } => left == length - error.position,
                _ => false,
            };
            prop_assert!(short, "{} of {}: {}", length, bytes.len(), error);
            prop_assert!(error.position <= length);
        }
    }

    #[test]
    fn every_bit_may_flip(layout in any::layout(), card in any::card(), encoding in any::encoding()) {
        let mut bytes = layout.encode(&card, encoding).unwrap();
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            check(&layout, encoding, &bytes);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }

    #[test]
    fn any_bytes_are_a_user_data_or_an_error(
        layout in any::layout(),
        encoding in (0..4_u32).prop_map(Encoding),
        bytes in proptest::collection::vec(any::<u8>(), 0..300),
    ) {
        check(&layout, encoding, &bytes);
        check(&Layout::TEMPLATE_5, encoding, &bytes);
    }

    #[test]
    fn what_is_added_is_left_over(
        layout in any::layout(),
        card in any::card(),
        more in proptest::collection::vec(any::<u8>(), 1..9),
    ) {
        let bytes = layout.encode(&card, Encoding::GB2312).unwrap();
        let error = parse(&layout, &[&bytes[..], &more].concat()).map(|_| ()).unwrap_err();
        prop_assert_eq!((error.position, error.reason), (
            bytes.len(), UserDataReason::Trailing { count: more.len() }
        ));
    }
}

#[test]
fn the_place_of_a_mistake_is_named() {
    let bytes = sample();
    let with = |position: usize, byte: u8| {
        let mut bytes = bytes.clone();
        bytes[position] = byte;
        bytes
    };
    let school = UserDataReason::OutOfRange("a number of ten digits");
    for (bytes, field, position, reason) in [
        (
            bytes[..5].to_vec(),
            Some(Field::SchoolNo),
            0,
            UserDataReason::Truncated { needed: 8, left: 5 },
        ),
        (
            bytes[..8].to_vec(),
            Some(Field::IdentifyId),
            8,
            UserDataReason::Truncated { needed: 1, left: 0 },
        ),
        (bytes[..20].to_vec(), Some(Field::IdentifyId), 9, UserDataReason::Overlong { left: 11 }),
        (
            bytes[..25].to_vec(),
            Some(Field::CardType),
            25,
            UserDataReason::Truncated { needed: 1, left: 0 },
        ),
        (with(38, 9), Some(Field::StudentName), 39, UserDataReason::Overlong { left: 7 }),
        (with(45, 1), Some(Field::Extinfos), 46, UserDataReason::Overlong { left: 0 }),
        ([&bytes[..], &[0]].concat(), None, 46, UserDataReason::Trailing { count: 1 }),
        (with(3, 9), Some(Field::SchoolNo), 0, school),
        (with(4, 0), Some(Field::SchoolNo), 0, school),
        (
            with(25, 16),
            Some(Field::CardType),
            25,
            UserDataReason::OutOfRange("a number from 0 to 15"),
        ),
        (
            [&bytes[..], &[0; 4051]].concat(),
            None,
            4096,
            UserDataReason::TooLong { length: 4097, limit: 4096 },
        ),
    ] {
        let error = parse(&Layout::TEMPLATE_5, &bytes).unwrap_err();
        let expected =
            UserDataError { field, position, reason, standing: LayoutStanding::Provisional };
        assert_eq!(error, expected, "{} bytes", bytes.len());
    }
    // It is the name that is wrong, and the rest can be had.
    let broken = with(40, 0xff);
    let data = parse(&Layout::TEMPLATE_5, &broken).unwrap();
    let error = data.student_name().unwrap_err();
    assert_eq!((error.field, error.position), (Some(Field::StudentName), 39));
    assert_eq!(error.reason, UserDataReason::Undecodable(Charset::Gb18030));
    assert_eq!(data.student_no().map(|number| *number.expose()), Some(&b"2020010203"[..]));
}

#[test]
fn the_place_of_a_mistake_in_an_envelope_is_named() {
    let bytes = sample();
    let front = |envelope, front: &[u8]| {
        let layout = Layout::TEMPLATE_5.with_envelope(envelope);
        let error = parse(&layout, &[front, &bytes].concat()).map(|_| ()).unwrap_err();
        assert_eq!(error.field, None);
        (error.position, error.reason)
    };
    assert_eq!(front(Envelope::Length, &[47]), (1, UserDataReason::Overlong { left: 46 }));
    assert_eq!(front(Envelope::Length, &[45]), (46, UserDataReason::Trailing { count: 1 }));
    assert_eq!(
        front(Envelope::TemplateAndLength, &[0, 0, 0, 5, 50]),
        (5, UserDataReason::Overlong { left: 46 })
    );
    let other = UserDataReason::OtherTemplate { expected: Template::FIVE };
    assert_eq!(front(Envelope::Template, &[0, 0, 0, 6]), (0, other));
    let short = Layout::TEMPLATE_5.with_envelope(Envelope::Template);
    let error = parse(&short, &[0, 0, 0]).unwrap_err();
    assert_eq!(
        (error.position, error.reason),
        (0, UserDataReason::Truncated { needed: 4, left: 3 })
    );
}

#[test]
fn numbers_as_digits_and_as_bytes() {
    let layout = |school, card| {
        Layout::builder(Template::FOUR)
            .field(Field::SchoolNo, school)
            .field(Field::CardType, card)
            .build()
            .unwrap()
    };
    let number = |school, card, bytes: &[u8]| {
        let layout = layout(school, card);
        let data =
            UserData::parse(&layout, Encoding::GB2312, bytes).map_err(|error| error.position);
        data.map(|data| (data.school_no().unwrap().get(), data.card_type().unwrap().get()))
    };
    let (school, digits) = (4_151_012_212_u64, "4151012212");
    let big_endian = school.to_be_bytes();
    let vars = |contents: &[u8]| [&[contents.len() as u8], contents].concat();
    let read = Ok((school, 7));
    for (school, card, bytes) in [
        (FieldKind::Vars, FieldKind::Vars, [vars(digits.as_bytes()), vars(b"07")].concat()),
        (FieldKind::Vars, FieldKind::Vars, [vars(&big_endian), vars(b"7")].concat()),
        (FieldKind::Vars, FieldKind::Vars, [vars(&big_endian[4..]), vars(&[7])].concat()),
        (FieldKind::Digits(12), FieldKind::Digits(2), b"00415101221207".to_vec()),
        (FieldKind::Bytes(10), FieldKind::Bytes(1), [digits.as_bytes(), &[7]].concat()),
        (FieldKind::Bytes(5), FieldKind::Bytes(2), [&big_endian[3..], &[0, 7]].concat()),
        (FieldKind::U64, FieldKind::U64, [big_endian, 7_u64.to_be_bytes()].concat()),
    ] {
        assert_eq!(number(school, card, &bytes), read, "{school} {card}");
    }
    let zero = [vars(digits.as_bytes()), vars(&[0])].concat();
    assert_eq!(number(FieldKind::Vars, FieldKind::Vars, &zero), Ok((school, 0)));
    // Nothing is no number, and neither is more than a long holds.
    let nothing = [vars(digits.as_bytes()), vars(b"")].concat();
    assert_eq!(number(FieldKind::Vars, FieldKind::Vars, &nothing), Err(12));
    let long = [vars(b"99999999999999999999999"), vars(&[0])].concat();
    assert_eq!(number(FieldKind::Vars, FieldKind::Vars, &long), Err(1));
    // A digit is no number of its own.
    assert_eq!(number(FieldKind::U64, FieldKind::Byte, &[&big_endian[..], b"7"].concat()), Err(8));
    // What is to be digits is.
    assert_eq!(number(FieldKind::Digits(10), FieldKind::Byte, b"41510122 2\x07"), Err(8));
}

#[test]
fn halves_of_a_byte() {
    let layout = Layout::builder(Template::FOUR)
        .field(Field::CardStatus, FieldKind::High)
        .field(Field::CardType, FieldKind::Low)
        .build()
        .unwrap();
    let data = parse(&layout, &[0xa3]).unwrap();
    assert_eq!(data.card_type(), CardType::new(3));
    assert_eq!(data.card_status().map(|status| *status.expose()), Some(&[0xa3][..]));
}

#[test]
fn names_in_every_encoding() {
    let with_name = |name: &[u8]| [&[name.len() as u8], name].concat();
    let layout =
        Layout::builder(Template(9)).field(Field::StudentName, FieldKind::Vars).build().unwrap();
    let is_borrowed = |name: &Name<'_>| match name {
        Name::Text(text) => matches!(text.expose(), std::borrow::Cow::Borrowed(_)),
        Name::Bytes(_) => true,
    };
    for (encoding, name, text, borrowed) in [
        (Encoding::GB2312, &b"\xc0\xee\xc3\xf7"[..], Some("李明"), false),
        (Encoding::GB2312, b"Li Ming", Some("Li Ming"), true),
        // GBK alone has it.
        (Encoding::GB2312, b"\xe9F", Some("镕"), false),
        // GB18030 alone has it, in four bytes.
        (Encoding::GB2312, b"\x954\xb25", Some("𠮷"), false),
        (Encoding::UTF_8, "李明".as_bytes(), Some("李明"), true),
        (Encoding::UTF_8, "\u{feff}李".as_bytes(), Some("\u{feff}李"), true),
        (Encoding(2), b"\xc0\xee", None, true),
    ] {
        let bytes = with_name(name);
        let data = UserData::parse(&layout, encoding, &bytes).unwrap();
        let read = data.student_name().unwrap().unwrap();
        assert_eq!((read.text(), is_borrowed(&read)), (text, borrowed), "{encoding}");
    }
}

#[test]
fn an_unknown_template_keeps_its_bytes() {
    let layouts = Layouts::provisional();
    let bytes = sample();
    let contents = layouts.read(Template(6), Encoding::GB2312, &bytes).unwrap();
    let CodeContents::Unknown { template, bytes: kept } = contents else { panic!("{contents:?}") };
    assert_eq!((template, *kept.expose()), (Template(6), &bytes[..]));
    assert!(!format!("{contents:?}").contains("50, 48"), "{contents:?}");

    let contents = layouts.read(Template::FIVE, Encoding::GB2312, &bytes).unwrap();
    assert!(
        matches!(contents, CodeContents::Known(data) if data.standing() == LayoutStanding::Provisional)
    );
    let proven = Layout::TEMPLATE_5.with_standing(LayoutStanding::Proven);
    let layouts = layouts.with(proven);
    assert_eq!(layouts.get(Template::FIVE), Some(&proven));
    assert_eq!(layouts.get(Template::FOUR), Some(&Layout::TEMPLATE_4));
}

#[test]
fn nothing_personal_is_shown() {
    let bytes = sample();
    let data = parse(&Layout::TEMPLATE_5, &bytes).unwrap();
    let name = data.student_name().unwrap().unwrap();
    let contents = CodeContents::Known(data);
    let mut shown = format!("{data:?} {name:?} {contents:?} {:?}", data.student_no());
    for length in 0..bytes.len() {
        let error = parse(&Layout::TEMPLATE_5, &bytes[..length]).unwrap_err();
        shown += &format!("{error} {error:?}");
    }
    // As text, and as a list of bytes.
    for personal in ["1234567890", "2020010203", "李", "小", "49, 50, 51", "50, 48, 50", "192, 238"]
    {
        assert!(!shown.contains(personal), "{personal} in {shown}");
    }
    assert!(
        shown.contains("student_no at byte 28 is longer than the 9 bytes that are left"),
        "{shown}"
    );
    assert!(shown.contains("the layout is provisional"), "{shown}");
}
