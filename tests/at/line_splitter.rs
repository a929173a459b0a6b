//! Bytes to lines: every line end there is, data that announce their length, and no input that
//! panics, grows without bound or depends on where it was cut.

#![allow(clippy::unwrap_used, reason = "a helper that fails fails the test")]

use m26_pay::at::line::{Counted, Frame, LineSplitter, MIN_LIMIT};
use m26_pay::at::profile::Profile;
use proptest::collection::vec;
use proptest::prelude::*;
use support::frames::{Cut, feed};
use support::reference::frames;

fn splitter() -> LineSplitter {
    LineSplitter::new(MIN_LIMIT, Profile::quectel().counted)
}

/// What one input gives, whole, byte by byte, and cut in two at every place if it is short. What
/// has come by then is said by then, however it came.
#[track_caller]
fn cut(input: &[u8]) -> Vec<Cut> {
    let whole = feed(&mut splitter(), input);
    let mut bytes = splitter();
    let single: Vec<Vec<Cut>> = input.chunks(1).map(|byte| feed(&mut bytes, byte)).collect();
    assert_eq!(single.concat(), whole, "byte by byte");
    assert_eq!(frames(input, MIN_LIMIT, Profile::quectel().counted), whole, "as told plainly");
    for at in 0..input.len().min(600) {
        let mut halves = splitter();
        let mut cuts = feed(&mut halves, &input[..at]);
        assert_eq!(cuts, single[..at].concat(), "the first {at} bytes");
        cuts.extend(feed(&mut halves, &input[at..]));
        assert_eq!(cuts, whole, "cut at {at}");
    }
    whole
}

#[track_caller]
fn expect(input: impl AsRef<[u8]>, wanted: &[Cut]) {
    assert_eq!(cut(input.as_ref()), wanted);
}

fn line(bytes: impl AsRef<[u8]>) -> Cut {
    Cut::Line(bytes.as_ref().to_vec())
}

fn miscounted(bytes: impl AsRef<[u8]>) -> Cut {
    Cut::Miscounted(bytes.as_ref().to_vec())
}

/// How many bytes the splitter keeps, as it tells of itself.
fn kept(splitter: &LineSplitter) -> usize {
    let text = format!("{splitter:?}");
    let digits = text.split_once("kept: ").unwrap().1;
    digits[..digits.find(',').unwrap()].parse().unwrap()
}

#[test]
fn every_line_end() {
    for end in ["\r\n", "\r\r\n", "\n", "\r", "\r\n\r\n", "\n\r", "\r\n\0\r\n"] {
        expect(format!("{end}+CSQ: 11,0{end}OK{end}"), &[line("+CSQ: 11,0"), line("OK")]);
    }
}

/// A line ends where its first line end is, wherever that is and whatever comes before it.
#[test]
fn every_byte_before_a_line_end() {
    for byte in (0..=255).filter(|byte| !b"\r\n".contains(byte)) {
        for length in 0..40 {
            let text = [b"x", &vec![byte; length][..]].concat();
            for end in [b'\r', b'\n'] {
                let input = [&text[..], &[end], b"OK\n"].concat();
                let cuts = feed(&mut splitter(), &input);
                assert_eq!(cuts, [line(&text), line("OK")], "{length} times {byte} before {end}");
            }
        }
    }
}

#[test]
fn an_echo_ends_with_cr_alone() {
    expect("AT+CGMI\r\r\nQuectel\r\n\r\nOK\r\n", &[line("AT+CGMI"), line("Quectel"), line("OK")]);
}

#[test]
fn missing_and_shared_line_ends() {
    expect("OK\r\n", &[line("OK")]);
    expect("\r\n+CREG: 1\r\nOK\r\n", &[line("+CREG: 1"), line("OK")]);
    expect("OK\r\nREG?\r\n", &[line("OK"), line("REG?")]);
    expect("no end", &[]);
    expect("", &[]);
}

/// What is taken for a line is all of it and its end: behind it the next one stands in front.
#[test]
fn a_line_is_taken_with_its_end() {
    for text in [
        "OK",
        "+CSQ: 11,0",
        "+ALIPAYSIGN: 99",
        "+ALIPAYSIGN: 0,3,\"abc\"",
        "+ALIPAYSIGN: 0,3,\"a\nc\"",
        "+ALIPAYSIGN : 0,3,\"a\nc\"",
    ] {
        for at in 0..=text.len() {
            let mut splitter = splitter();
            assert_eq!(feed(&mut splitter, &text.as_bytes()[..at]), []);
            let rest = format!("{}\nRDY\n", &text[at..]);
            let mut input = rest.as_bytes();
            assert_eq!(
                splitter.next(&mut input),
                Some(Frame::Line(text.as_bytes())),
                "cut at {at}"
            );
            assert_eq!(input, b"RDY\n", "{text:?} cut at {at}");
        }
    }
    // That this one does not go on is seen at what comes next, which is not taken for that.
    let (mut splitter, mut input) = (splitter(), &b"+ALIPAYSIGN:\nRDY\n"[..]);
    assert_eq!(splitter.next(&mut input), Some(Frame::Line(b"+ALIPAYSIGN:")));
    assert_eq!(input, b"RDY\n");
}

#[test]
fn nothing_is_trimmed_from_a_line_but_nuls_in_front() {
    expect(b"\0\0\0\r\n\0RDY\r\n", &[line("RDY")]);
    expect(b"\xff\xfe\x80\r\n R D Y \r\n\0", &[line(b"\xff\xfe\x80"), line(" R D Y ")]);
    expect(b"a\0b\r\n", &[line(b"a\0b")]);
}

#[test]
fn lines_up_to_the_limit() {
    let longest = vec![b'x'; MIN_LIMIT];
    let input = [&longest[..], b"\r\nOK\r\n"].concat();
    assert_eq!(cut(&input), [line(&longest), line("OK")]);
    let over = [&longest[..], b"y\r\nOK\r\n"].concat();
    assert_eq!(cut(&over), [Cut::Overlong(longest.clone()), line("OK")]);
    // All of it is one overlong line, and reported once, whatever is in it.
    let mut long = longest.repeat(16);
    long.extend_from_slice(b"+ALIPAYSIGN: 0,3,\"\0\r\nOK\r\n");
    assert_eq!(cut(&long), [Cut::Overlong(longest), line("OK")]);
}

#[test]
fn a_limit_is_raised_so_that_signed_data_fit() {
    let mut splitter = LineSplitter::new(10, &[]);
    let input = [&vec![b'x'; MIN_LIMIT][..], b"\r\n"].concat();
    assert_eq!(feed(&mut splitter, &input), [line(vec![b'x'; MIN_LIMIT])]);
    let mut splitter = LineSplitter::new(MIN_LIMIT + 10, &[]);
    let input = [&vec![b'x'; MIN_LIMIT + 10][..], b"\r\n"].concat();
    assert_eq!(feed(&mut splitter, &input), [line(vec![b'x'; MIN_LIMIT + 10])]);
}

fn signed(data: &[u8]) -> Vec<u8> {
    [format!("+ALIPAYSIGN: 0,{},\"", data.len()).as_bytes(), data, b"\""].concat()
}

/// The sample of the spec's chapter 4: 369 bytes, once the page wraps are removed and the quote
/// before `hardToken` is restored.
const SAMPLE: &str = concat!(
    r#"{"terminalType":"IOT","signature":"QIIAQ+7BtAVJiOID98oY8Cm7tY7uUGULYx4QCFItWtU"#,
    r#"wrhcB","apdidToken":"JHRcvCf0ayAybxFkVeomX1-bYI7qvMvYwrmbrybKLep2ke4naAEAAA==","#,
    r#""hardToken":"","time":"1546890790","bizCode":"11000200040004000122","bizTid":"010100F00A1X"#,
    r#"BEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw","signedKeys":"authCode,totalAmount,a"#,
    r#"pdidToken,hardToken,time,bizCode,bizTid"}"#
);

#[test]
fn the_specs_sample() {
    assert_eq!(SAMPLE.len(), 369);
    let sample = signed(SAMPLE.as_bytes());
    expect([&b"\r\n"[..], &sample, b"\r\n"].concat(), &[line(sample)]);
}

#[test]
fn data_are_read_by_their_length() {
    let all = (0..=255).collect::<Vec<u8>>();
    let longest = vec![b'\n'; 2048];
    let long_with_ends = b"OK\r\n\"\r\n".repeat(2048 / 7);
    for data in [
        &b"a\r\nb"[..],
        b"\r\nOK\r\n",
        b"OK",
        b"\"\"",
        b"\"\r\n",
        b"\r\n\"\r\n",
        b"\"\r\nOK\r\n\"",
        b"",
        b"\0",
        b"+ALIPAYSIGN: 0,3,\"abc\"\r\n",
        b"+ALIPAYSIGN:\r\n",
        &all,
        &longest,
        &long_with_ends,
    ] {
        let sample = signed(data);
        for end in ["\r\n", "\n", "\r", "   \r\n"] {
            expect(
                [b"\r\n", &sample[..], end.as_bytes(), b"\r\nOK\r\n"].concat(),
                &[line(&sample), line("OK")],
            );
        }
    }
}

#[test]
fn blanks_in_the_head() {
    for head in ["+ALIPAYSIGN : 0 , 3 , \"", "+ALIPAYSIGN:0,3,\"", "+ALIPAYSIGN:  0,  03,  \""] {
        let sample = format!("{head}\r\nx\"");
        expect(format!("{sample}\r\n"), &[line(&sample)]);
    }
}

#[test]
fn data_end_at_their_own_quote() {
    for count in 0..80 {
        let next = format!("{}\"", "x".repeat(count));
        let sample = signed(b"abc");
        let input = [&sample[..], b"\r\n", next.as_bytes(), b"\r\n"].concat();
        assert_eq!(feed(&mut splitter(), &input), [line(&sample), line(next)]);
    }
}

#[test]
fn lines_that_announce_nothing_are_lines() {
    for text in [
        "+ALIPAYSIGN: 99",
        "+ALIPAYSIGN: -1",
        "+ALIPAYSIGN: 0,3",
        "+ALIPAYSIGN: 0,3,abc",
        "+ALIPAYSIGN: 0,,\"abc\"",
        "+ALIPAYSIGN: 0,x,\"abc\"",
        "+ALIPAYSIGN: 0,-3,\"abc",
        "+ALIPAYSIGN 0,9,\"abc\"",
        "+ALIPAYSIGNS: 0,9,\"abc\"",
        "+ALIPAYSIGX: 0,9,\"abc\"",
        "x+ALIPAYSIGN: 0,9,\"abc\"",
        "+ALIPAYDID: 0,9,\"abc\"",
        "AT+ALIPAYSIGN=0,9,\"abc\"",
    ] {
        expect(format!("{text}\r\nOK\r\n"), &[line(text), line("OK")]);
    }
}

#[test]
fn an_announcement_is_on_one_line() {
    for end in ["\r", "\n", "\r\n"] {
        expect(
            format!("+ALIPAYSIGN: 99{end}x,3,\"abc\"{end}"),
            &[line("+ALIPAYSIGN: 99"), line("x,3,\"abc\"")],
        );
    }
}

/// An overlong line ends at the first line end behind its beginning, and not before all came.
#[test]
fn the_end_of_an_overlong_line() {
    let longest = vec![b'x'; MIN_LIMIT];
    for (rest, lines) in [("y", None), ("y\nOK\n", Some("OK")), ("yz\rOK\r", Some("OK"))] {
        let input = [&longest[..], rest.as_bytes()].concat();
        let wanted: Vec<Cut> =
            [Cut::Overlong(longest.clone())].into_iter().chain(lines.map(line)).collect();
        for size in [1, 7, input.len()] {
            let mut splitter = splitter();
            let cuts: Vec<Cut> =
                input.chunks(size).flat_map(|bytes| feed(&mut splitter, bytes)).collect();
            assert_eq!(cuts, wanted, "{rest:?} {size}");
        }
    }
}

/// The line stops at its first line end, and what follows is split as lines of its own.
#[test]
fn lengths_that_are_impossible_or_too_short() {
    for text in [
        "+ALIPAYSIGN: 0,2049,\"abc\"",
        "+ALIPAYSIGN: 0,99999999999999999999999999,\"abc\"",
        "+ALIPAYSIGN: 0,2,\"abc\"",
        "+ALIPAYSIGN: 0,0,\"abc\"",
        "+ALIPAYSIGN: 0,3,\"abc\" x",
        "+ALIPAYSIGN: 0,3,\"abc\",1",
        "+ALIPAYSIGN: 0,4,\"abcd\t\"",
        // With something else where the quote should be, or a quote before and a blank there.
        "+ALIPAYSIGN: 0,3,\"abcd",
        "+ALIPAYSIGN: 0,3,\"abcd  ",
        "+ALIPAYSIGN: 0,4,\"abc\" ",
        "+ALIPAYSIGN: 0,4,\"abc\"  ",
        "+ALIPAYSIGN: 0,5,\"abc\"  ",
    ] {
        expect(
            format!("{text}\r\n\r\n+CREG: 1\r\nOK\r\n"),
            &[miscounted(text), line("+CREG: 1"), line("OK")],
        );
    }
    // With a line end inside what would have been data.
    expect(
        "+ALIPAYSIGN: 0,4,\"a\r\nbc\"\r\nOK\r\n",
        &[miscounted("+ALIPAYSIGN: 0,4,\"a"), line("bc\""), line("OK")],
    );
    let over = [b"+ALIPAYSIGN: 0,2049,\"", &vec![b'x'; 2049][..], b"\""].concat();
    expect([&over[..], b"\r\nOK\r\n"].concat(), &[miscounted(&over), line("OK")]);
}

/// That no quote stands where it should is seen with the byte that stands there, and not later.
#[test]
fn a_missing_quote_is_seen_at_once() {
    let mut splitter = splitter();
    assert_eq!(feed(&mut splitter, b"+ALIPAYSIGN: 0,4,\"{}\"\r"), []);
    assert_eq!(feed(&mut splitter, b"\n"), [miscounted("+ALIPAYSIGN: 0,4,\"{}\"")]);
    assert!(!splitter.awaiting_data());
}

/// Too long a length takes what comes for data, until it does not close, or whoever waits gives up.
#[test]
fn lengths_that_are_too_long() {
    expect(
        "+ALIPAYSIGN: 0,20,\"abc\"\r\n\r\n+CREG: 1\r\n\r\nRDY\r\n",
        &[miscounted("+ALIPAYSIGN: 0,20,\"abc\""), line("+CREG: 1"), line("RDY")],
    );
    for at in 0..=40 {
        let input = b"\r\n+ALIPAYSIGN: 0,40,\"abc\"\r\n\r\n+CREG: 1\r\n\r\nRDY\r\n";
        let mut splitter = splitter();
        let mut cuts = feed(&mut splitter, &input[..at]);
        cuts.extend(feed(&mut splitter, &input[at..]));
        assert_eq!(cuts, []);
        assert!(splitter.awaiting_data());
        splitter.give_up();
        assert!(!splitter.awaiting_data());
        let wanted = [miscounted("+ALIPAYSIGN: 0,40,\"abc\""), line("+CREG: 1"), line("RDY")];
        assert_eq!(feed(&mut splitter, b""), wanted);
        assert_eq!(feed(&mut splitter, b"\r\nOK\r\n"), [line("OK")]);
        assert_eq!(kept(&splitter), 0);
    }
}

/// What was taken for data may hold a line that is too long, where more is believed than a line may
/// have.
#[test]
fn data_that_are_too_long_for_a_line() {
    const COUNTED: &[Counted] = &[Counted { prefix: "+X", fields_before: 0, max: 3 * MIN_LIMIT }];
    let data = vec![b'x'; 2 * MIN_LIMIT];
    for (length, end, more) in [
        // With and without the end of that line among it, and a line as long as it may be.
        (2 * MIN_LIMIT, "\r\n", 0),
        (2 * MIN_LIMIT, "y\r\n", 0),
        (2 * MIN_LIMIT, "\r\n", 99),
        (MIN_LIMIT + 1, "\r\n", 99),
        (MIN_LIMIT, "\r\n", 99),
        (MIN_LIMIT - 1, "\r\n", 99),
    ] {
        let data = &data[..length];
        let head = format!("+X: {},\"abc", 5 + length + more);
        let input = [head.as_bytes(), b"\r\n", data, end.as_bytes(), b"OK\r\n"].concat();
        for size in [1, 7, MIN_LIMIT, input.len()] {
            let mut splitter = LineSplitter::new(MIN_LIMIT, COUNTED);
            let mut cuts: Vec<Cut> =
                input.chunks(size).flat_map(|bytes| feed(&mut splitter, bytes)).collect();
            splitter.give_up();
            cuts.extend(feed(&mut splitter, b""));
            let long = if length > MIN_LIMIT {
                Cut::Overlong(data[..MIN_LIMIT].to_vec())
            } else {
                line(data)
            };
            assert_eq!(cuts, [miscounted(&head), long, line("OK")], "{length} {more} {size}");
        }
    }
    // Without a line end near its beginning it is such a line itself, quote or not.
    let input = [b"+X: 8192,\"", &data[..], b"\"\r\nOK\r\n"].concat();
    for size in [1, 7, MIN_LIMIT, input.len()] {
        let mut splitter = LineSplitter::new(MIN_LIMIT, COUNTED);
        let cuts: Vec<Cut> =
            input.chunks(size).flat_map(|bytes| feed(&mut splitter, bytes)).collect();
        assert_eq!(cuts, [Cut::Overlong(input[..MIN_LIMIT].to_vec()), line("OK")], "{size}");
    }
    // By one byte too.
    for (length, fits) in [(MIN_LIMIT - 11, true), (MIN_LIMIT - 10, false)] {
        let whole = [format!("+X: {length},\"").as_bytes(), &data[..length], b"\""].concat();
        let wanted = if fits { line(&whole) } else { Cut::Overlong(whole[..MIN_LIMIT].to_vec()) };
        let mut splitter = LineSplitter::new(MIN_LIMIT, COUNTED);
        let cuts = feed(&mut splitter, &[&whole[..], b"\r\nOK\r\n"].concat());
        assert_eq!(cuts, [wanted, line("OK")], "{length}");
    }
    // With its quote and one, it is what was announced.
    let whole = [b"+X: 8197,\"abc\r\n", &data[..], b"\""].concat();
    let mut splitter = LineSplitter::new(MIN_LIMIT, COUNTED);
    assert_eq!(
        feed(&mut splitter, &[&whole[..], b"\r\nOK\r\n"].concat()),
        [line(&whole), line("OK")]
    );
}

/// What was split again may end in the middle of a line, and that line goes on.
#[test]
fn giving_up_loses_no_byte() {
    let mut splitter = splitter();
    assert_eq!(feed(&mut splitter, b"+ALIPAYSIGN: 0,2048,\"abc\"\r\n+CREG: 1\r\n+CR"), []);
    splitter.give_up();
    assert_eq!(
        feed(&mut splitter, b""),
        [miscounted("+ALIPAYSIGN: 0,2048,\"abc\""), line("+CREG: 1")]
    );
    splitter.give_up();
    assert_eq!(feed(&mut splitter, b"EG: 5\r\n"), [line("+CREG: 5")]);
}

/// A counted line among what was split again is complete or miscounted: it is not waited for a
/// second time.
#[test]
fn counted_lines_among_what_is_split_again() {
    let mut splitter = splitter();
    let input =
        b"+ALIPAYSIGN: 0,2048,\"a\r\n+ALIPAYSIGN: 0,3,\"b\nc\"\r\n+ALIPAYSIGN: 0,9,\"d\r\nRDY\r\n";
    assert_eq!(feed(&mut splitter, input), []);
    splitter.give_up();
    assert_eq!(
        feed(&mut splitter, b""),
        [
            miscounted("+ALIPAYSIGN: 0,2048,\"a"),
            line("+ALIPAYSIGN: 0,3,\"b\nc\""),
            miscounted("+ALIPAYSIGN: 0,9,\"d"),
            line("RDY"),
        ]
    );
    // One whose data were not among it is waited for as any other.
    assert_eq!(feed(&mut splitter, b"+ALIPAYSIGN: 0,3,\"b\n"), []);
    assert!(splitter.awaiting_data());
    assert_eq!(feed(&mut splitter, b"c\"\r\n"), [line("+ALIPAYSIGN: 0,3,\"b\nc\"")]);
}

/// Lines among it that only look like counted ones are lines.
#[test]
fn other_lines_among_what_is_split_again() {
    let mut splitter = splitter();
    let other = "+ALIPAYOPEN: 0,9,\"abc\"";
    let input = format!("+ALIPAYSIGN: 0,2048,\"a\r\n{other}\r\n{other}\r\n");
    assert_eq!(feed(&mut splitter, input.as_bytes()), []);
    splitter.give_up();
    let wanted = [miscounted("+ALIPAYSIGN: 0,2048,\"a"), line(other), line(other)];
    assert_eq!(feed(&mut splitter, b""), wanted);
}

/// A line of which only the beginning was given up as data is read as any other.
#[test]
fn giving_up_ends_with_the_line_that_goes_on() {
    let mut splitter = splitter();
    let mut cuts = feed(&mut splitter, b"+ALIPAYSIGN: 0,99,\"x\r\n+ALIPAYSIGN: 0,6,\"a");
    splitter.give_up();
    cuts.extend(feed(&mut splitter, b"b\r\ncd\"\r\n"));
    let wanted = [miscounted("+ALIPAYSIGN: 0,99,\"x"), line("+ALIPAYSIGN: 0,6,\"ab\r\ncd\"")];
    assert_eq!(cuts, wanted);
}

/// Data whose last byte is a quote are not yet closed by it, so no line ends there.
#[test]
fn giving_up_takes_no_quote_of_the_data_for_the_closing_one() {
    let mut splitter = splitter();
    assert_eq!(feed(&mut splitter, b"+ALIPAYSIGN: 0,3,\"\r\n\""), []);
    splitter.give_up();
    assert_eq!(feed(&mut splitter, b""), [miscounted("+ALIPAYSIGN: 0,3,\"")]);
    assert_eq!(feed(&mut splitter, b"x\r\n"), [line("\"x")]);
}

#[test]
fn giving_up_on_nothing_changes_nothing() {
    let mut splitter = splitter();
    splitter.give_up();
    assert_eq!(feed(&mut splitter, b"+CRE"), []);
    assert!(!splitter.awaiting_data());
    splitter.give_up();
    assert_eq!(feed(&mut splitter, b"G: 1\r\n"), [line("+CREG: 1")]);
}

#[test]
fn what_is_kept_is_told() {
    let mut splitter = splitter();
    assert_eq!(kept(&splitter), 0);
    assert_eq!(feed(&mut splitter, b"+CRE"), []);
    assert_eq!(kept(&splitter), 4);
    let rest = b"G: 1\r\n+ALIPAYSIGN: 0,99,\"ab\r\ncd";
    assert_eq!(feed(&mut splitter, rest), [line("+CREG: 1")]);
    assert_eq!(kept(&splitter), rest.len() - 6);
    splitter.give_up();
    let mut none: &[u8] = b"";
    assert!(splitter.next(&mut none).is_some());
    assert_eq!(kept(&splitter), "\ncd".len());
    assert_eq!(feed(&mut splitter, b""), []);
    assert_eq!(kept(&splitter), "cd".len());
}

#[test]
fn the_page_wrap_behind_the_colon() {
    for wrap in ["\r\n", "\n", "\r\n\r\n", " \r\n "] {
        for rest in ["0,3,\"abc\"", "0,4,\"\r\nOK\"", "-1", "99"] {
            let sample = format!("+ALIPAYSIGN:{wrap}{rest}");
            expect(format!("\r\n{sample}\r\nOK\r\n"), &[line(&sample), line("OK")]);
        }
        // What is no number does not belong to it.
        for next in ["OK", "+CREG: 1", "RDY", "\"abc\"", "x,3,\"abc\""] {
            let cuts = cut(format!("\r\n+ALIPAYSIGN:{wrap}{next}\r\n").as_bytes());
            assert_eq!(cuts.len(), 2, "{cuts:?}");
            let blank = if wrap.ends_with(' ') { " " } else { "" };
            assert_eq!(cuts[1], line(format!("{blank}{next}")), "{wrap:?}");
        }
    }
    // It is waited for, but not for ever.
    let mut splitter = splitter();
    assert_eq!(feed(&mut splitter, b"+ALIPAYSIGN:\r\n"), []);
    assert!(splitter.awaiting_data());
    splitter.give_up();
    assert_eq!(feed(&mut splitter, b""), [line("+ALIPAYSIGN:")]);
    assert_eq!(feed(&mut splitter, b"0,3,\"abc\"\r\n"), [line("0,3,\"abc\"")]);
}

/// Line ends or blanks without end, where a line or its end is looked for, cost neither memory
/// nor time.
#[test]
fn blanks_without_end() {
    for head in ["", "+ALIPAYSIGN:", "+ALIPAYSIGN: ", "+ALIPAYSIGN: 0,3,\"abc\"", "+ALIPAYSIGN: 0,"]
    {
        for blank in [b'\n', b'\r', b' ', 0] {
            let mut splitter = splitter();
            let mut cuts = feed(&mut splitter, format!("\r\n{head}\r\n").as_bytes());
            cuts = if blank == b' ' {
                let mut fresh = self::splitter();
                let cuts = feed(&mut fresh, head.as_bytes());
                splitter = fresh;
                cuts
            } else {
                cuts
            };
            for _ in 0..256 {
                cuts.extend(feed(&mut splitter, &[blank; 4096]));
                assert!(kept(&splitter) <= MIN_LIMIT + 1, "{head:?} and {blank}");
            }
            for _ in 0..4096 {
                cuts.extend(feed(&mut splitter, &[blank]));
            }
            assert!(cuts.len() <= 2, "{cuts:?}");
        }
    }
}

/// At the number of blanks that is looked through, and around it.
#[test]
fn many_blanks() {
    for count in 60..70 {
        let blanks = " ".repeat(count);
        let cuts = cut(format!("+ALIPAYSIGN: 0,4,\"\r\nab\"{blanks}\r\nOK\r\n").as_bytes());
        let wanted = if count <= 64 {
            vec![line("+ALIPAYSIGN: 0,4,\"\r\nab\""), line("OK")]
        } else {
            vec![miscounted("+ALIPAYSIGN: 0,4,\""), line(format!("ab\"{blanks}")), line("OK")]
        };
        assert_eq!(cuts, wanted, "{count}");
        let sample = "+ALIPAYSIGN: 0,2,\"ab\"";
        let long = format!("{sample}{blanks}");
        let wanted = if count <= 64 { line(sample) } else { miscounted(&long) };
        assert_eq!(cut(format!("{long}\r\nOK\r\n").as_bytes()), [wanted, line("OK")], "{count}");
        let ends = "\n".repeat(count);
        let cuts = cut(format!("+ALIPAYSIGN:{ends}0,4,\"\r\nab\"\r\n").as_bytes());
        let whole = line(format!("+ALIPAYSIGN:{ends}0,4,\"\r\nab\""));
        if count <= 64 {
            assert_eq!(cuts, [whole]);
        } else {
            assert_eq!(cuts, [line("+ALIPAYSIGN:"), line("0,4,\""), line("ab\"")]);
        }
    }
}

/// Announcements without end, each of which takes the next ones for its data.
#[test]
fn nested_announcements_without_end() {
    let mut splitter = splitter();
    let mut found = 0;
    for _ in 0..40_000 {
        found += feed(&mut splitter, b"+ALIPAYSIGN: 0,2048,\"\r\n").len();
        assert!(kept(&splitter) <= MIN_LIMIT + 1);
    }
    assert!(found > 39_000, "{found}");
}

/// What real lines are made of, whole and in parts.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let text = prop::sample::select(vec![
        "\r\n",
        "\r",
        "\n",
        "\r\r\n",
        "\0",
        " ",
        "\"",
        ",",
        "0",
        "-1",
        "x",
        "OK",
        "\r\nOK\r\n",
        "ERROR",
        "AT+ALIPAYSIGN=1,\"1\",\"2\"\r",
        "+CREG: 1",
        "+ALIPAYSIGN",
        "+ALIPAYSIGN:",
        "+ALIPAYSIGN: 0,",
        "+ALIPAYSIGN: 0,5,\"",
        "+ALIPAYSIGN: 0,0,\"\"",
        "+ALIPAYSIGN: 0,30,\"",
        "+ALIPAYSIGN: 0,2048,\"",
        "+ALIPAYSIGN: 0,2049,\"",
        "+ALIPAYSIGN:\r\n",
        "+ALIPAYSIGN:\r\n0,3,\"",
        "+ALIPAYSIGN: 99\r\n",
        "abc\"\r\n",
        "ab\r\nc\"  \r\n",
        "\"\r\n",
        "RDY\r\n",
    ]);
    prop_oneof![
        12 => text.prop_map(|text| text.as_bytes().to_vec()),
        3 => vec(any::<u8>(), 0..40),
        1 => (any::<u8>(), 1000usize..5000).prop_map(|(byte, count)| vec![byte; count]),
        1 => vec(prop::sample::select(b"\r\n\" 0".to_vec()), 0..100),
        1 => (prop::sample::select(b" \n\0".to_vec()), 62usize..68)
            .prop_map(|(byte, count)| vec![byte; count]),
    ]
}

/// Lines of [`COUNTED`].
fn counted_piece() -> impl Strategy<Value = Vec<u8>> {
    let text = prop::sample::select(vec![
        "+LONG:4085,\"",
        "+LONG: 4096,\"",
        "+LONG:\n4080,\"",
        "+LONG:2,\"\r\n\"\n",
        "+LONG:1,2,4,\"a\rbc\"\r",
        "+LONG:1,2,99,\"",
        "+LONG\0 : 5,\"ab\r\nc\"\r",
        "+LONG:99999999999999999999999999,\"\r",
    ]);
    text.prop_map(|text| text.as_bytes().to_vec())
}

/// So many bytes that a line is about as long as the limit.
fn near_limit() -> impl Strategy<Value = Vec<u8>> {
    (prop::sample::select(b"x\" 0\x80\t".to_vec()), MIN_LIMIT - 40..MIN_LIMIT + 4)
        .prop_map(|(byte, count)| vec![byte; count])
}

/// What is counted by the module, and two that share a prefix, of which one may be longer than a
/// line.
const COUNTED: &[Counted] = &[
    Counted { prefix: "+ALIPAYSIGN", fields_before: 1, max: 2048 },
    Counted { prefix: "+LONG", fields_before: 0, max: 5000 },
    Counted { prefix: "+LONG", fields_before: 2, max: 70 },
];

proptest! {
    /// Where the input is cut makes no difference, also if somebody gives up in between.
    #[test]
    fn any_split_gives_the_same_frames(
        pieces in vec(piece(), 0..30),
        cuts in vec(any::<prop::sample::Index>(), 0..12),
        given_up in vec(any::<prop::sample::Index>(), 0..3),
        single in any::<bool>(),
    ) {
        let input = pieces.concat();
        let mut given_up: Vec<usize> = given_up.iter().map(|at| at.index(input.len() + 1)).collect();
        given_up.push(input.len());
        given_up.sort_unstable();

        let run = |cuts: &[usize]| {
            let mut splitter = splitter();
            let mut frames = Vec::new();
            let mut at = 0;
            let mut ends: Vec<usize> = cuts.iter().chain(&given_up).copied().collect();
            ends.sort_unstable();
            for end in ends {
                frames.extend(feed(&mut splitter, &input[at..end]));
                at = end;
                if given_up.contains(&end) && splitter.awaiting_data() {
                    splitter.give_up();
                    frames.extend(feed(&mut splitter, b""));
                }
                assert!(kept(&splitter) <= MIN_LIMIT + 2048 + 64);
            }
            frames
        };
        let whole = run(&[]);
        let cuts: Vec<usize> = if single {
            (0..input.len()).collect()
        } else {
            cuts.iter().map(|at| at.index(input.len() + 1)).collect()
        };
        prop_assert_eq!(run(&cuts), whole);
    }

    /// However they come, bytes give the frames that can be told from all of them at once.
    #[test]
    fn the_frames_are_those_of_the_whole(
        pieces in vec(prop_oneof![9 => piece(), 2 => counted_piece(), 1 => near_limit()], 0..30),
        sizes in vec(1usize..200, 1..10),
    ) {
        let input = pieces.concat();
        let wanted = frames(&input, MIN_LIMIT, COUNTED);
        prop_assert_eq!(&feed(&mut LineSplitter::new(MIN_LIMIT, COUNTED), &input), &wanted);
        let mut splitter = LineSplitter::new(MIN_LIMIT, COUNTED);
        let mut found = Vec::new();
        let mut rest = &input[..];
        for size in sizes.iter().cycle() {
            let (now, later) = rest.split_at((*size).min(rest.len()));
            found.extend(feed(&mut splitter, now));
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(&found, &wanted);
    }

    /// Reads of one byte may follow longer ones, and somebody may give up in between: what comes, and
    /// what is waited for, is the same as byte by byte.
    #[test]
    fn reads_of_any_length_follow_each_other(
        pieces in vec(prop_oneof![9 => piece(), 2 => near_limit()], 0..20),
        sizes in vec(1usize..8, 1..40),
        given_up in vec(any::<prop::sample::Index>(), 0..3),
    ) {
        let input = pieces.concat();
        let given_up: Vec<usize> = given_up.iter().map(|at| at.index(input.len() + 1)).collect();
        let (mut mixed, mut single) = (splitter(), splitter());
        let mut sizes = sizes.iter().cycle();
        let mut at = 0;
        while at < input.len() {
            let count = (*sizes.next().unwrap()).min(input.len() - at);
            let now = &input[at..at + count];
            let wanted: Vec<Vec<Cut>> =
                now.chunks(1).map(|byte| feed(&mut single, byte)).collect();
            prop_assert_eq!(feed(&mut mixed, now), wanted.concat());
            prop_assert_eq!(mixed.awaiting_data(), single.awaiting_data());
            if given_up.iter().any(|given_up| (at..at + count).contains(given_up)) {
                mixed.give_up();
                single.give_up();
            }
            at += count;
        }
    }

    /// Without anything counted, the lines are those between line ends.
    #[test]
    fn lines_are_what_is_between_line_ends(input in vec(piece(), 0..20)) {
        let input = input.concat();
        let mut splitter = LineSplitter::new(1 << 20, &[]);
        let wanted: Vec<Cut> = input
            .split_inclusive(|byte| matches!(byte, b'\r' | b'\n'))
            .filter_map(|part| part.strip_suffix(b"\r").or(part.strip_suffix(b"\n")))
            .map(|part| &part[part.iter().take_while(|byte| **byte == 0).count()..])
            .filter(|part| !part.is_empty())
            .map(line)
            .collect();
        prop_assert_eq!(feed(&mut splitter, &input), wanted);
    }

    /// Data of any bytes come out as they went in, whatever surrounds them.
    #[test]
    fn data_survive(data in vec(any::<u8>(), 0..=2048), before in vec(piece(), 0..3)) {
        let before: Vec<u8> = before.concat().into_iter().filter(|byte| *byte != b'+').collect();
        prop_assume!(before.len() < MIN_LIMIT);
        let sample = signed(&data);
        let input = [&before[..], b"\r\n", &sample, b"\r\n+CREG: 1\r\n"].concat();
        let cuts = feed(&mut splitter(), &input);
        prop_assert_eq!(&cuts[cuts.len() - 2..], &[line(&sample), line("+CREG: 1")]);
    }
}

/// A line that has all of its data is not waited for when its end was lost, wherever it was split.
#[test]
fn announced_data_without_a_line_end() {
    for (data, blanks) in [("{}", ""), ("{}", "  "), ("a\r\nb", ""), ("a\nOK\n", " ")] {
        let line = format!("+ALIPAYSIGN: 0,{},\"{data}\"", data.len());
        let all = format!("\r\n{line}{blanks}");
        for at in 0..all.len() {
            let mut splitter = LineSplitter::new(4096, COUNTED);
            let (first, second) = all.as_bytes().split_at(at);
            for mut input in [first, second] {
                assert_eq!(splitter.next(&mut input), None, "{all:?} {at}");
            }
            assert!(splitter.awaiting_data(), "{all:?} {at}");
            splitter.give_up();
            let mut nothing: &[u8] = b"";
            assert_eq!(splitter.next(&mut nothing), Some(Frame::Line(line.as_bytes())), "{at}");
            assert_eq!(splitter.next(&mut nothing), None);
            // The end may come yet, and what follows is another line.
            let mut input: &[u8] = b"\r\nOK\r\n";
            assert_eq!(splitter.next(&mut input), Some(Frame::Line(b"OK")));
        }
    }
}
