//! Any layout, and any card that it can carry.

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::field::{CardType, Field, SchoolNo};
use m26_pay::campus::layout::{Card, Envelope, FieldKind, Layout, LayoutItem, LayoutStanding};
use m26_pay::campus::template::Template;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

pub(crate) fn encoding() -> impl Strategy<Value = Encoding> {
    prop_oneof![Just(Encoding::GB2312), Just(Encoding::UTF_8)]
}

/// A layout of some of the spec's fields in any order, with parts between them that it has no name
/// for.
pub(crate) fn layout() -> impl Strategy<Value = Layout> {
    let reserved = prop_oneof![
        (1..=9_u8).prop_map(FieldKind::Bytes),
        (1..=9_u8).prop_map(FieldKind::Digits),
        Just(FieldKind::Byte),
        Just(FieldKind::U64),
        Just(FieldKind::Vars),
    ];
    let school = prop_oneof![
        Just(FieldKind::U64),
        Just(FieldKind::Vars),
        (10..=14_u8).prop_map(FieldKind::Digits),
        (5..=10_u8).prop_map(FieldKind::Bytes),
    ];
    let number = prop_oneof![
        Just(FieldKind::Byte),
        Just(FieldKind::U64),
        Just(FieldKind::Vars),
        (2..=4_u8).prop_map(FieldKind::Digits),
        (1..=9_u8).prop_map(FieldKind::Bytes),
    ];
    // A place of fixed size is as long as what `card` puts there.
    let text = |length: u8| prop_oneof![Just(FieldKind::Vars), Just(FieldKind::Bytes(length))];
    let digits =
        prop_oneof![Just(FieldKind::Vars), Just(FieldKind::Bytes(10)), Just(FieldKind::Digits(10))];
    let one = |field| move |kind| vec![LayoutItem { field, kind }];
    // Either apart or as the halves of a byte, in both orders.
    let halves = |high, low| {
        vec![
            LayoutItem { field: high, kind: FieldKind::High },
            LayoutItem { field: low, kind: FieldKind::Low },
        ]
    };
    let card = prop_oneof![
        (number.clone(), number).prop_map(|(card_type, card_status)| vec![
            LayoutItem { field: Field::CardType, kind: card_type },
            LayoutItem { field: Field::CardStatus, kind: card_status },
        ]),
        Just(halves(Field::CardType, Field::CardStatus)),
        Just(halves(Field::CardStatus, Field::CardType)),
        Just(halves(Field::Reserved, Field::CardType)),
    ];
    let parts = vec![
        school.prop_map(one(Field::SchoolNo)).boxed(),
        card.boxed(),
        text(16).prop_map(one(Field::IdentifyId)).boxed(),
        digits.prop_map(one(Field::StudentNo)).boxed(),
        Just(one(Field::StudentName)(FieldKind::Vars)).boxed(),
        Just(one(Field::Extinfos)(FieldKind::Vars)).boxed(),
        reserved.clone().prop_map(one(Field::Reserved)).boxed(),
        reserved.prop_map(one(Field::Reserved)).boxed(),
    ];
    let parts: Vec<_> = parts.into_iter().map(|part| option::weighted(0.8, part)).collect();
    let head = (any::<u32>(), any::<bool>(), proptest::sample::select(&Envelope::ALL[..]));
    (head, parts.prop_shuffle()).prop_filter_map("no fields", |(head, parts)| {
        let (template, proven, envelope) = head;
        let standing = if proven { LayoutStanding::Proven } else { LayoutStanding::Provisional };
        let start = Layout::builder(Template(template)).standing(standing).envelope(envelope);
        let items = parts.into_iter().flatten().flatten();
        items.fold(start, |builder, item| builder.field(item.field, item.kind)).build().ok()
    })
}

/// A card that such a layout can carry: its length byte may be that of all of it.
pub(crate) fn card() -> impl Strategy<Value = Card> {
    (
        SchoolNo::MIN..=SchoolNo::MAX,
        "[ -~]{16}",
        0..=CardType::MAX,
        0..16_u8,
        "[0-9]{10}",
        "[\u{4e00}-\u{9fa5}]{0,8}|[ -~]{0,20}|[\u{20000}-\u{20100}]{1,5}",
        vec(any::<u8>(), 0..20),
    )
        .prop_map(
            |(school, identify_id, card_type, card_status, student_no, name, extinfos)| Card {
                school_no: SchoolNo::new(school).unwrap(),
                identify_id,
                card_type: CardType::new(card_type).unwrap(),
                card_status,
                student_no,
                student_name: name,
                extinfos,
            },
        )
}
