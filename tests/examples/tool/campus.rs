//! `campus probe`: the layout of captured user data, found from the command line.
#![allow(clippy::unwrap_used, clippy::panic, reason = "these are tests, the helpers too")]

use std::fmt::Write as _;
use std::fs;

use m26_pay::campus::charset::Encoding;
use m26_pay::campus::field::{CardType, Field};
use m26_pay::campus::layout::{Card, Envelope, FieldKind, Layout, LayoutStanding};
use m26_pay::campus::template::Template;
use serde_json::{Value, json};
use support::cli_tool::{Ended, m26, m26_run, text};

/// Everything on a card that is nobody else's business, and the number of its school.
const PERSONAL: [&str; 4] = ["1234567890123456", "2020010203", "李小明", "4151012212"];

fn card() -> Card {
    Card { card_type: CardType::new(3).unwrap(), ..Card::sample() }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

fn capture(layout: &Layout) -> Vec<u8> {
    layout.encode(&card(), Encoding::GB2312).unwrap()
}

/// What is known of the card.
const KNOWN: [&str; 10] = [
    "--template",
    "5",
    "--encoding",
    "gb2312",
    "--student-no",
    "2020010203",
    "--name",
    "李小明",
    "--card-type",
    "3",
];

fn probe(arguments: &[&str]) -> Ended {
    m26(&[&["campus", "probe"], arguments].concat())
}

fn probe_json(arguments: &[&str]) -> (Option<i32>, Value) {
    let ended = probe(&[&["--json"], arguments].concat());
    (ended.code, ended.object())
}

fn assert_discreet(ended: &Ended) {
    let shown = format!("{}{}", ended.stdout, ended.stderr);
    for personal in PERSONAL {
        assert!(!shown.contains(personal), "{personal} in {shown}");
    }
    assert!(!shown.contains(&hex(b"2020010203")), "{shown}");
}

#[test]
fn a_layout_is_found_and_its_file_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| text(folder.path().join(name));
    let layout = Layout::builder(Template::FIVE)
        .envelope(Envelope::Length)
        .field(Field::SchoolNo, FieldKind::U64)
        .field(Field::CardType, FieldKind::High)
        .field(Field::CardStatus, FieldKind::Low)
        .field(Field::StudentNo, FieldKind::Vars)
        .field(Field::StudentName, FieldKind::Vars)
        .build()
        .unwrap();
    let bytes = capture(&layout);
    fs::write(path("bytes"), &bytes).unwrap();
    fs::write(path("hex"), format!("{}\n{}\n", hex(&bytes[..9]), hex(&bytes[9..]).to_uppercase()))
        .unwrap();
    let out = path("found");
    let found = layout.with_standing(LayoutStanding::Proven);
    for (capture, force) in [
        (["--file", &path("bytes")], None),
        (["--file", &path("hex")], Some("--force")),
        (["--hex", &hex(&bytes)], Some("--force")),
    ] {
        let force: Vec<_> = force.into_iter().collect();
        let arguments = [&capture[..], &KNOWN, &["--out", &out], &force].concat();
        let (code, object) = probe_json(&arguments);
        assert_eq!(code, Some(0), "{object}");
        let result = &object["result"];
        assert_eq!((&object["command"], &object["ok"]), (&json!("campus probe"), &json!(true)));
        assert_eq!((&result["conclusion"], &result["fitting"]), (&json!("found"), &json!(1)));
        assert_eq!((&result["written"], &result["tried"]), (&json!(out), &json!(832)));
        let envelope = &result["fits"][0]["envelope"];
        assert_eq!((envelope, &result["open"]), (&json!("length"), &json!([])));
        let written = fs::read_to_string(&out).unwrap();
        assert_eq!(written.parse(), Ok(found), "{written}");
        assert_eq!(result["layout"], json!(written));
    }
    // What is there is not written over unasked.
    fs::write(&out, "mine").unwrap();
    let (code, object) =
        probe_json(&[&["--file", &path("bytes")], &KNOWN[..], &["--out", &out]].concat());
    assert_eq!((code, &object["error"]["kind"]), (Some(1), &json!("invalid")));
    assert!(object["error"]["message"].as_str().unwrap().contains("--force"), "{object}");
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
}

#[test]
fn people_are_told_in_words() {
    let found = probe(&[&["--hex", &hex(&capture(&Layout::TEMPLATE_5))], &KNOWN[..]].concat());
    assert_eq!((found.code, found.stderr.as_str()), (Some(0), ""));
    assert!(found.stdout.starts_with("one of 832 layouts fits the capture: template 5, bare: "));
    let file = found.stdout.split_once("its file, for --out:\n").unwrap().1;
    assert_eq!(file.parse(), Ok(Layout::TEMPLATE_5.with_standing(LayoutStanding::Proven)));
    assert_discreet(&found);
}

#[test]
fn layouts_that_both_fit_are_told_apart_by_no_guess() {
    let folder = tempfile::tempdir().unwrap();
    let out = text(folder.path().join("found"));
    let capture = hex(&capture(&Layout::TEMPLATE_5));
    let arguments = ["--hex", &capture, "--template", "5", "--out", &out];
    let (code, object) = probe_json(&arguments);
    assert_eq!(code, Some(1), "{object}");
    assert_eq!((&object["ok"], &object["error"]["kind"]), (&json!(false), &json!("mismatch")));
    let detail = &object["error"]["detail"];
    assert_eq!((&detail["conclusion"], &detail["fitting"]), (&json!("ambiguous"), &json!(8)));
    assert_eq!(detail["settled"], json!(["school_no", "extinfos"]));
    assert_eq!(detail["fits"].as_array().unwrap().len(), 8);
    assert!(!fs::exists(&out).unwrap(), "nothing is found, and nothing written");

    let plain = probe(&arguments);
    assert_eq!((plain.code, plain.stdout.as_str()), (Some(1), ""));
    assert!(plain.stderr.contains("8 of 832 layouts fit the capture:"), "{plain:?}");
    assert!(plain.stderr.contains("say what the holder's student_no is"), "{plain:?}");
    assert_discreet(&plain);
}

#[test]
fn none_fits_and_why() {
    let mut bytes = capture(&Layout::TEMPLATE_5);
    bytes.push(0);
    let (good, long) = (hex(&capture(&Layout::TEMPLATE_5)), hex(&bytes));
    let arguments = [&["--hex", &good, "--hex", &long, "--all"], &KNOWN[..]].concat();
    let (code, object) = probe_json(&arguments);
    let detail = &object["error"]["detail"];
    assert_eq!((code, &detail["conclusion"]), (Some(1), &json!("none")));
    let misfits = detail["misfits"].as_array().unwrap();
    assert_eq!(misfits.len(), 832);
    assert_eq!(misfits[0]["capture"], json!(2));
    assert_eq!(misfits[0]["position"], json!(46));
    assert_eq!(misfits[0]["check"], "the user data has 1 bytes that belong to no field");
    let failed = detail["failed"].as_object().unwrap();
    assert_eq!(failed.values().map(|count| count.as_u64().unwrap()).sum::<u64>(), 832);

    let plain = probe(&arguments);
    assert_eq!(plain.code, Some(1));
    assert!(plain.stderr.contains("none of 832 layouts fits all 2 captures"), "{plain:?}");
    assert!(plain.stderr.contains("the built-in guess (template 5, bare: "), "{plain:?}");
    assert!(plain.stderr.lines().count() > 832);
    assert_discreet(&plain);
    // Another school's card.
    let school = ["--hex", &good, "--school-no", "9999999999"];
    let (code, object) = probe_json(&[&school, &KNOWN[..]].concat());
    assert_eq!((code, &object["error"]["detail"]["conclusion"]), (Some(1), &json!("none")));
    assert_ne!(object["error"]["detail"]["failed"]["school"], Value::Null);
}

#[test]
fn a_layout_of_ones_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = text(folder.path().join("own"));
    let own = Layout::builder(Template::FIVE)
        .field(Field::StudentNo, FieldKind::Bytes(10))
        .field(Field::StudentName, FieldKind::Vars)
        .build()
        .unwrap();
    fs::write(&path, format!("# from the tables\n{own}")).unwrap();
    let capture = hex(&capture(&own));
    let arguments = [&["--hex", &capture, "--layout", &path], &KNOWN[..]].concat();
    let (code, object) = probe_json(&arguments);
    assert_eq!(code, Some(0), "{object}");
    let fields = json!(["student_no bytes 10", "student_name vars"]);
    assert_eq!(object["result"]["fits"][0]["fields"], fields);

    fs::write(&path, "layout 1\ntemplate 5\nschool_no 2020010203").unwrap();
    let (code, object) = probe_json(&arguments);
    assert_eq!(code, Some(1));
    let message = object["error"]["message"].as_str().unwrap();
    assert!(message.contains("own: line 3, column 11 of the layout: expected byte"), "{message}");
    assert!(!message.contains("2020"), "{message}");
    fs::write(&path, b"layout 1\n\xff").unwrap();
    let (_, object) = probe_json(&arguments);
    assert!(object["error"]["message"].as_str().unwrap().contains("no text in UTF-8"), "{object}");
}

#[test]
fn what_is_read_is_shown_to_who_asks_for_it() {
    let capture = hex(&capture(&Layout::TEMPLATE_5));
    for known in [&KNOWN[..], &["--template", "5"]] {
        let arguments = [&["--hex", &capture], known].concat();
        for more in [&[][..], &["--json"], &["--all"]] {
            assert_discreet(&probe(&[&arguments, more].concat()));
        }
        let shown = probe(&[&["--show-secrets"], &arguments[..]].concat());
        let text = format!("{}{}", shown.stdout, shown.stderr);
        assert!(PERSONAL.iter().all(|personal| text.contains(personal)), "{text}");
        let (_, object) = probe_json(&[&["--show-secrets"], &arguments[..]].concat());
        let found =
            if object["ok"] == true { &object["result"] } else { &object["error"]["detail"] };
        assert_eq!(
            found["fits"][0]["captures"][0],
            json!({
                "school_no": "4151012212", "identify_id": "1234567890123456", "card_type": "03",
                "card_status": "0x00", "student_no": "2020010203", "student_name": "李小明",
                "extinfos": "",
            })
        );
    }
}

#[test]
fn cards_of_several_holders() {
    let other = Card {
        student_no: "2020010204".into(),
        student_name: "王芳".into(),
        card_type: CardType::new(5).unwrap(),
        ..Card::sample()
    };
    let other = hex(&Layout::TEMPLATE_5.encode(&other, Encoding::GB2312).unwrap());
    let first = hex(&capture(&Layout::TEMPLATE_5));
    let captures =
        ["--hex", &first, "--hex", &other, "--template", "5", "--school-no", "4151012212"];
    let with = |known: &[&str]| probe_json(&[&captures, known].concat());
    let (code, object) = with(&[
        "--student-no",
        "2020010203",
        "--student-no",
        "2020010204",
        "--name",
        "",
        "--name",
        "王芳",
        "--card-type",
        "03",
        "--card-type",
        "05",
    ]);
    assert_eq!((code, &object["result"]["captures"]), (Some(0), &json!(2)), "{object}");
    // One for both is wrong for one of them.
    let (code, object) = with(&["--student-no", "2020010203"]);
    assert_eq!((code, &object["error"]["detail"]["conclusion"]), (Some(1), &json!("none")));
    let (code, object) = with(&["--name", "1", "--name", "2", "--name", "3"]);
    assert_eq!((code, &object["error"]["kind"]), (Some(1), &json!("invalid")));
    let message = object["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("--name is given 3 times, and there are 2 captures"), "{message}");
}

/// Older Chinese systems have private code points for characters whose bytes mean others today.
#[test]
fn a_name_is_compared_as_it_is_coded() {
    for (name, today) in [("李\u{e794}", "李\u{fe17}"), ("黄\u{e863}", "黄䶮")] {
        let named = |name: &str| Card { student_name: name.into(), ..card() };
        let code = Layout::TEMPLATE_5.encode(&named(today), Encoding::GB2312).unwrap();
        for known in [name, today] {
            let known = KNOWN.map(|word| if word == "李小明" { known } else { word });
            let (code, object) = probe_json(&[&["--hex", &hex(&code)], &known[..]].concat());
            assert_eq!(
                (code, &object["result"]["conclusion"]),
                (Some(0), &json!("found")),
                "{object}"
            );
        }
    }
}

#[test]
fn what_is_written_wrongly_is_named_and_not_shown() {
    let good = hex(&capture(&Layout::TEMPLATE_5));
    for (arguments, words) in [
        (&["--hex", "2020010203李"][..], "capture 1 is not in hex"),
        (&["--hex", &good, "--hex", "202"], "capture 2 is not in hex"),
        (
            &["--hex", &good, "--school-no", "2020010203x"],
            "school_no is not a number of ten digits",
        ),
        (&["--hex", &good, "--card-type", "16"], "card_type is not a number from 00 to 15"),
        (&["--file", "/nowhere/capture"], "the file /nowhere/capture cannot be read"),
        (&["--hex", &good, "--layout", "/nowhere/layout"], "the file /nowhere/layout cannot be"),
    ] {
        let ended = probe(&[&["--json"], arguments].concat());
        let object = ended.object();
        assert_eq!((ended.code, &object["command"]), (Some(1), &json!("campus probe")));
        let message = object["error"]["message"].as_str().unwrap();
        assert!(message.contains(words), "{message}");
        assert_discreet(&ended);
    }
    let nowhere = [&["--hex", &good], &KNOWN[..], &["--out", "/nowhere/layout"]].concat();
    let (code, object) = probe_json(&nowhere);
    assert_eq!((code, &object["error"]["kind"]), (Some(1), &json!("io")));
    for arguments in [
        &[][..],
        &["--hex"],
        &["--hex", &good, "--encoding", "2020010203x"],
        &["--hex", &good, "--template", "2020010203x"],
        &["--hex", &good, "--force"],
        &["--hex", &good, "2020010203"],
    ] {
        let ended = probe(arguments);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        assert_discreet(&ended);
    }
    // A value that looks like an option is a value.
    let hyphen = probe(&["--hex", &good, "--name", "--2020010203", "--student-no", "-2020010203"]);
    assert_eq!(hyphen.code, Some(1), "{hyphen:?}");
    assert_discreet(&hyphen);
}

#[test]
fn one_command_among_others() {
    let capture = hex(&capture(&Layout::TEMPLATE_5));
    let known = shell_words::join(KNOWN);
    let lines =
        format!("campus probe --hex {capture} {known}\ncampus probe --hex {capture}\nraw AT\n");
    let ended = m26_run(&["--port", "sim", "--json", "run", "-"], &lines);
    assert_eq!(ended.code, Some(1));
    let ok: Vec<_> = ended.objects().iter().map(|object| object["ok"].clone()).collect();
    assert_eq!(ok, [true, false, true]);
    assert_discreet(&ended);
}
