//! The probe, on made-up captures.

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::decoder::{DecoderAnswer, Verdict};
use m26_pay::campus::field::{CardType, Field, SchoolNo};
use m26_pay::campus::layout::{Card, Envelope, FieldKind, Layout, LayoutStanding};
use m26_pay::campus::probe::{
    Capture, Check, Conclusion, Holder, OpenQuestion, Origin, Probe, ProbeReport,
};
use m26_pay::campus::template::Template;
use m26_pay::campus::user_data::UserDataReason;
use m26_pay::secret::Secret;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

/// How many layouts are tried for a template: 208 in four envelopes.
const CANDIDATES: usize = 832;

/// A layout with `school_no` in front.
fn layout(template: Template, items: &[(Field, FieldKind)]) -> Layout {
    let start = Layout::builder(template).field(Field::SchoolNo, FieldKind::U64);
    items.iter().fold(start, |builder, (field, kind)| builder.field(*field, *kind)).build().unwrap()
}

/// Ten layouts that the lost tables may have shown, half of them for either template.
fn ten() -> [Layout; 10] {
    use Field::{CardStatus, CardType, Extinfos, IdentifyId, StudentName, StudentNo};
    use FieldKind::{Byte, Digits, High, Low, Vars};
    let id = (IdentifyId, Vars);
    let bytes = [(CardType, Byte), (CardStatus, Byte)];
    let student = [(StudentNo, Vars), (StudentName, Vars)];
    let extinfos = (Extinfos, Vars);
    let five = |items: &[&[(Field, FieldKind)]]| layout(Template::FIVE, &items.concat());
    let four = |items: &[&[(Field, FieldKind)]]| layout(Template::FOUR, &items.concat());
    [
        Layout::TEMPLATE_5,
        five(&[&bytes, &student, &[extinfos]]),
        five(&[&[id, (CardType, High), (CardStatus, Low)], &student, &[extinfos]]),
        five(&[&[id, (CardType, Digits(2)), (CardStatus, Digits(2))], &student, &[extinfos]]),
        five(&[&[id, (CardType, Vars), (CardStatus, Vars)], &student, &[extinfos]]),
        five(&[&[id], &bytes, &student]),
        Layout::TEMPLATE_4,
        four(&[&[id], &bytes, &[(StudentNo, Vars), extinfos]]),
        four(&[&[id], &bytes, &student, &[extinfos]]),
        four(&[&bytes, &[extinfos]]),
    ]
}

/// A card like real ones. Its type is not its status, and not 0: see
/// [`a_zero_may_be_a_field_that_is_empty`].
fn card() -> impl Strategy<Value = Card> {
    (
        SchoolNo::MIN..=SchoolNo::MAX,
        "[0-9]{16,32}",
        (1..=CardType::MAX, 0..16_u8)
            .prop_filter("one is not the other", |(one, other)| one != other),
        "[0-9A-Z]{6,14}",
        "[\u{4e00}-\u{9fa5}]{2,4}",
    )
        .prop_map(|(school_no, identify_id, (card_type, card_status), student_no, name)| {
            Card {
                school_no: SchoolNo::new(school_no).unwrap(),
                identify_id,
                card_type: CardType::new(card_type).unwrap(),
                card_status,
                student_no,
                student_name: name,
                extinfos: Vec::new(),
            }
        })
}

fn capture(layout: &Layout, card: &Card) -> Capture {
    Capture {
        template: Some(layout.template()),
        encoding: Some(Encoding::GB2312),
        ..Capture::new(layout.encode(card, Encoding::GB2312).unwrap())
    }
}

/// A capture of a card whose holder was asked.
fn known(layout: &Layout, card: &Card) -> Capture {
    let holder = Holder {
        school_no: Some(card.school_no),
        identify_id: None,
        card_type: Some(card.card_type),
        student_no: Some(Secret::new(card.student_no.clone())),
        student_name: Some(Secret::new(card.student_name.clone())),
    };
    Capture { holder, ..capture(layout, card) }
}

fn sample() -> Card {
    Card { card_type: CardType::new(3).unwrap(), ..Card::sample() }
}

fn run(capture: Capture) -> ProbeReport {
    Probe::new().run(&[capture])
}

#[test]
fn the_right_layout_is_found_among_its_rivals() {
    for layout in ten() {
        for envelope in Envelope::ALL {
            let layout = layout.with_envelope(envelope);
            let report = run(known(&layout, &sample()));
            let proven = layout.with_standing(LayoutStanding::Proven);
            assert_eq!(
                report.conclusion(),
                Conclusion::Found(proven),
                "{}\n{report}",
                layout.summary()
            );
            assert_eq!(report.tried(), CANDIDATES);
            // What is found is what the terminal will load.
            assert_eq!(proven.to_string().parse(), Ok(proven));
        }
    }
}

/// The experiment of which the numbers are documented, with fewer codes: `PROBE_CODES=20000` makes
/// it the whole.
#[test]
fn of_ten_layouts_none_is_taken_for_another() {
    let codes = std::env::var("PROBE_CODES").map_or(100, |codes| codes.parse().unwrap());
    let ten = ten();
    let probe = Probe::of(ten);
    let config = ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(codes) };
    TestRunner::new(config)
        .run(&card(), |card| {
            for layout in &ten {
                let report = probe.run(&[capture(layout, &card)]);
                prop_assert_eq!(&report.fits, &[*layout], "{}", report);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_zero_may_be_a_field_that_is_empty() {
    let ten = ten();
    // Without `identify_id`, and with it and half a byte for each of type and status.
    let [_, without, halves, ..] = ten;
    let zero = capture(&without, &Card { card_status: 7, ..Card::sample() });
    let report = Probe::of(ten).run(std::slice::from_ref(&zero));
    assert_eq!(report.fits, [without, halves], "{report}");
    let vary = [Field::CardType, Field::CardStatus].map(OpenQuestion::Vary);
    assert_eq!(report.open, [&[OpenQuestion::Say(Field::IdentifyId)], &vary[..]].concat());
    let other = capture(&without, &sample());
    assert_eq!(Probe::of(ten).run(&[zero, other]).fits, [without]);
}

#[test]
fn fields_of_a_kind_are_told_apart_by_the_holder_alone() {
    let only = |holder| run(Capture { holder, ..capture(&Layout::TEMPLATE_5, &sample()) });
    let text = |text: &str| Some(Secret::new(text.to_string()));

    let report = only(Holder::default());
    assert_eq!(report.fits.len(), 8, "{report}");
    assert_eq!(report.fits[0], Layout::TEMPLATE_5);
    assert_eq!(report.conclusion(), Conclusion::Ambiguous(&report.fits));
    assert_eq!(report.settled, [Field::SchoolNo, Field::Extinfos]);
    let say = [Field::IdentifyId, Field::CardType, Field::StudentNo, Field::StudentName];
    assert_eq!(report.open, say.map(OpenQuestion::Say));

    let student_no = text("2020010203");
    let report = only(Holder { student_no: student_no.clone(), ..Holder::default() });
    assert_eq!(report.fits.len(), 4, "{report}");
    assert!(!report.open.contains(&OpenQuestion::Say(Field::StudentNo)), "{report}");

    let student_name = text("李小明");
    let report = only(Holder { student_no, student_name, ..Holder::default() });
    assert_eq!(report.fits.len(), 2, "{report}");
    assert_eq!(report.open, [OpenQuestion::Say(Field::CardType)]);
    let settled =
        [Field::SchoolNo, Field::IdentifyId, Field::StudentNo, Field::StudentName, Field::Extinfos];
    assert_eq!(report.settled, settled);
}

#[test]
fn fields_that_hold_the_same_need_another_card() {
    let card = Card::sample();
    assert_eq!(card.card_type.get(), card.card_status);
    let first = known(&Layout::TEMPLATE_5, &card);
    let report = Probe::new().run(std::slice::from_ref(&first));
    assert_eq!(report.fits.len(), 2, "{report}");
    assert_eq!(report.open, [Field::CardType, Field::CardStatus].map(OpenQuestion::Vary));
    let advice = "capture the code of another card, with another card_type";
    assert!(report.to_string().contains(advice), "{report}");

    let report = Probe::new().run(&[first, known(&Layout::TEMPLATE_5, &sample())]);
    assert!(matches!(report.conclusion(), Conclusion::Found(_)), "{report}");
}

#[test]
fn a_template_that_was_not_noted_is_asked_for() {
    let capture = Capture { template: None, ..known(&Layout::TEMPLATE_5, &sample()) };
    let report = run(capture.clone());
    let templates: Vec<_> = report.fits.iter().map(Layout::template).collect();
    assert_eq!(templates, [Template::FIVE, Template::FOUR]);
    assert_eq!(report.open, [OpenQuestion::Template]);
    // Where the user data says it itself, it is not asked for.
    let layout = Layout::TEMPLATE_5.with_envelope(Envelope::TemplateAndLength);
    let report = run(Capture { template: None, ..known(&layout, &sample()) });
    assert_eq!(
        report.conclusion(),
        Conclusion::Found(layout.with_standing(LayoutStanding::Proven))
    );
    // Captures of two templates have no layout in common.
    let report = Probe::new()
        .run(&[known(&Layout::TEMPLATE_5, &sample()), known(&Layout::TEMPLATE_4, &sample())]);
    assert_eq!(report.conclusion(), Conclusion::None);
    assert!(report.to_string().contains("\nwhat they fail by: "), "{report}");
    let other = report.misfits.iter().filter(|misfit| misfit.check == Check::Template).count();
    assert!(other >= CANDIDATES, "{other} of {}", report.tried());
}

#[test]
fn without_a_capture_nothing_is_proven() {
    let report = Probe::of([Layout::TEMPLATE_5]).run(&[]);
    assert_eq!(report.conclusion(), Conclusion::Ambiguous(&[Layout::TEMPLATE_5]));
}

#[test]
fn what_a_decoder_gave_is_a_capture() {
    let given = capture(&Layout::TEMPLATE_5, &sample());
    let answer = DecoderAnswer {
        template: Template::FIVE,
        data_encode_type: Encoding::GB2312,
        user_data: given.user_data.clone(),
        ..DecoderAnswer::empty(Verdict { result: None, return_value: None })
    };
    assert_eq!(Capture::from(&answer), given);
}

#[test]
fn an_encoding_that_was_not_noted_is_tried() {
    for (encoding, noted, found) in [
        (Encoding::GB2312, None, true),
        (Encoding::UTF_8, None, true),
        (Encoding::UTF_8, Some(Encoding::UTF_8), true),
        // These bytes are GB2312, and the name is not.
        (Encoding::UTF_8, Some(Encoding::GB2312), false),
        (Encoding::GB2312, Some(Encoding(7)), true),
    ] {
        let bytes = Layout::TEMPLATE_5.encode(&sample(), encoding).unwrap();
        let capture = known(&Layout::TEMPLATE_5, &sample());
        let report = run(Capture { user_data: Secret::new(bytes), encoding: noted, ..capture });
        let conclusion = matches!(report.conclusion(), Conclusion::Found(_));
        assert_eq!(conclusion, found, "{encoding} as {noted:?}: {report}");
    }
}

#[test]
fn why_a_layout_does_not_fit_is_named() {
    let probe = Probe::of([Layout::TEMPLATE_5]);
    let good = capture(&Layout::TEMPLATE_5, &sample());
    let card = |card: Card| Capture {
        encoding: good.encoding,
        ..Capture::new(Layout::TEMPLATE_5.encode(&card, Encoding::GB2312).unwrap())
    };
    let holder = |holder| Capture { holder, ..good.clone() };
    let text = |text: &str| Some(Secret::new(text.to_string()));
    let mut unreadable = good.clone();
    let mut bytes = good.user_data.expose().clone();
    bytes[40] = 0xff;
    unreadable.user_data = Secret::new(bytes);
    let trailing = UserDataReason::Trailing { count: 1 };
    for (capture, check, position) in [
        (
            Capture::new([good.user_data.expose(), &b"\0"[..]].concat()),
            Check::Read { field: None, reason: trailing },
            Some(46),
        ),
        (Capture { template: Some(Template(6)), ..good.clone() }, Check::Template, None),
        (card(Card { student_no: "2020\u{7f}".into(), ..sample() }), Check::StudentNo, Some(32)),
        (unreadable, Check::StudentName, Some(39)),
        (card(Card { extinfos: vec![1], ..sample() }), Check::Extinfos, Some(46)),
        (
            holder(Holder { school_no: SchoolNo::new(SchoolNo::MAX), ..Holder::default() }),
            Check::Holder(Field::SchoolNo),
            Some(0),
        ),
        (
            holder(Holder { identify_id: text("1"), ..Holder::default() }),
            Check::Holder(Field::IdentifyId),
            Some(9),
        ),
        (
            holder(Holder { card_type: CardType::new(4), ..Holder::default() }),
            Check::Holder(Field::CardType),
            Some(25),
        ),
        (
            holder(Holder { student_no: text("20200102030"), ..Holder::default() }),
            Check::Holder(Field::StudentNo),
            Some(28),
        ),
        (
            holder(Holder { student_name: text("李明"), ..Holder::default() }),
            Check::Holder(Field::StudentName),
            Some(39),
        ),
    ] {
        let report = probe.run(&[good.clone(), capture]);
        let [misfit] = report.misfits[..] else { panic!("{report}") };
        assert_eq!((misfit.capture, misfit.check, misfit.position), (1, check, position));
        assert_eq!(misfit.origin, Origin::Own);
        assert_eq!(report.counts(), [(check.subject(), 1)]);
        assert!(
            report.to_string().contains(&format!(
                "capture 2{}: {check}",
                match position {
                    Some(position) => format!(", byte {position}"),
                    None => String::new(),
                }
            )),
            "{report}"
        );
    }
    let elsewhere = probe.school_no(SchoolNo::new(SchoolNo::MAX).unwrap()).run(&[good]);
    assert_eq!(
        (elsewhere.misfits[0].check, elsewhere.misfits[0].position),
        (Check::School, Some(0))
    );
}

#[test]
fn a_layout_of_ones_own_competes() {
    // The tables may show something that nobody has thought of.
    let own = Layout::builder(Template::FIVE)
        .reserved(FieldKind::Byte)
        .field(Field::StudentNo, FieldKind::Digits(10))
        .field(Field::StudentName, FieldKind::Vars)
        .build()
        .unwrap();
    let capture = known(&own.with_envelope(Envelope::Length), &sample());
    assert_eq!(run(capture.clone()).conclusion(), Conclusion::None);
    let report = Probe::new().layout(own).run(std::slice::from_ref(&capture));
    let found = own.with_envelope(Envelope::Length).with_standing(LayoutStanding::Proven);
    assert_eq!(report.conclusion(), Conclusion::Found(found));
    // One that is among the rivals is not counted twice.
    let report = Probe::new().layout(Layout::TEMPLATE_5).run(&[capture]);
    assert_eq!(report.tried(), CANDIDATES);
    let built_in: Vec<_> =
        report.misfits.iter().filter(|misfit| misfit.origin != Origin::Rival).collect();
    assert_eq!(built_in.len(), 1);
    assert_eq!(built_in[0].origin, Origin::BuiltIn);
}

#[test]
fn nothing_personal_is_in_a_report() {
    // Here the number of the student stands where a template or a length could.
    let digits = Layout::builder(Template::FIVE)
        .field(Field::StudentNo, FieldKind::Digits(10))
        .field(Field::StudentName, FieldKind::Vars)
        .build()
        .unwrap();
    let school = Probe::new().school_no(SchoolNo::new(SchoolNo::MAX).unwrap());
    let own = Probe::new().layout(digits);
    for (probe, layout) in [
        (Probe::new(), Layout::TEMPLATE_5),
        (school, Layout::TEMPLATE_5),
        (own.clone(), digits),
        (own, digits.with_envelope(Envelope::Length)),
    ] {
        let capture = known(&layout, &sample());
        let report = probe.run(std::slice::from_ref(&capture));
        let mut shown = format!("{report} {report:?} {capture:?}");
        for misfit in &report.misfits {
            shown += &misfit.to_string();
        }
        let number = u32::from_be_bytes(*b"2020").to_string();
        for personal in ["1234567890", "2020010203", "李", "49, 50, 51", "50, 48, 50", "192, 238"]
        {
            assert!(!shown.contains(personal), "{personal}");
        }
        assert!(!shown.contains(&number), "a template that is none");
        for length in ["needs 48 ", "needs 50 ", "needed: 48", "needed: 50"] {
            assert!(!shown.contains(length), "{length}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_bytes_have_a_report(
        captures in proptest::collection::vec(
            (
                proptest::collection::vec(any::<u8>(), 0..80),
                proptest::option::of(0..8_u32),
                proptest::option::of(0..3_u32),
            ),
            0..4,
        ),
    ) {
        let captures: Vec<_> = captures
            .into_iter()
            .map(|(bytes, template, encoding)| Capture {
                template: template.map(Template),
                encoding: encoding.map(Encoding),
                ..Capture::new(bytes)
            })
            .collect();
        let report = Probe::new().run(&captures);
        for misfit in &report.misfits {
            let length = captures[misfit.capture].user_data.expose().len();
            prop_assert!(misfit.position.is_none_or(|position| position <= length));
        }
        let mut templates: Vec<_> = captures.iter().filter_map(|capture| capture.template).collect();
        templates.sort();
        templates.dedup();
        let templates = if templates.is_empty() { 2 } else { templates.len() };
        prop_assert_eq!(report.tried(), templates * CANDIDATES);
        prop_assert!(!report.to_string().is_empty());
    }

    #[test]
    fn a_capture_with_a_bit_flipped_has_a_report(card in card(), bit in any::<proptest::sample::Index>()) {
        let mut capture = known(&Layout::TEMPLATE_5, &card);
        let mut bytes = capture.user_data.into_inner();
        let bit = bit.index(bytes.len() * 8);
        let at = bit / 8;
        bytes[at] ^= 1 << (bit % 8);
        // Only the card's number and its status may be anything; but by a status that is the type as
        // well, nobody can tell which is which.
        let free = 9..9 + card.identify_id.len();
        let status = free.end + 1;
        let twin = at == status && bytes[at] == card.card_type.get();
        capture.user_data = Secret::new(bytes);
        let report = run(capture);
        let found = matches!(report.conclusion(), Conclusion::Found(_));
        prop_assert_eq!(found, free.contains(&at) || at == status && !twin, "{}", report);
        prop_assert_eq!(report.fits.len() > 1, twin, "{}", report);
    }
}
