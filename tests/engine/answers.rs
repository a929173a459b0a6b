//! Which lines are part of an answer: each kind of answer takes its own and no other, once, and
//! what it leaves flows as a URC.

use m26_pay::at::command::Answer;
use m26_pay::at::field::Shape;
use m26_pay::at::profile::Profile;
use support::bench::{Bench, profiles};
use support::requests::{self, bare};

/// What a command with this answer makes of these lines and an `OK`.
#[track_caller]
fn expect(answer: Answer, lines: &[&str], wanted: &[&str]) {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(bare("AT+Q").answer(answer));
    bench.expect_transmit("AT+Q\r");
    for line in lines.iter().chain(&["OK"]) {
        bench.receive(format!("\r\n{line}\r\n").as_bytes());
    }
    assert_eq!(bench.events(), wanted, "{answer:?} of {lines:?}");
}

const SIGNAL: Answer = Answer::Prefixed(&[("+CSQ", Shape::Fields(2)), ("+CREG", Shape::ReadForm)]);
const ICCID: Answer = Answer::PrefixedOrText(&["+CCID", "+QCCID"]);
const BLOCK: Answer = Answer::Block("+ALIPAYCFG");

#[test]
fn each_prefix_once() {
    expect(
        SIGNAL,
        &["+CSQ: 11,0", "+CREG: 0,1", "+CSQ: 12,0"],
        &["urc: +CSQ: 12,0", "#1: +CSQ: 11,0 / +CREG: 0,1 / OK"],
    );
    // Neither a line that only looks alike, nor one that has the name alone.
    expect(
        SIGNAL,
        &["+FOO: 1,2", "+CSQ: 1", "text", "+CREG: 0,1", "+CSQ: 11,0"],
        &["urc: +FOO: 1,2", "urc: +CSQ: 1", "urc: text", "#1: +CREG: 0,1 / +CSQ: 11,0 / OK"],
    );
    for (lines, missing) in
        [(&["+CREG: 0,1"][..], "+CSQ"), (&["+CSQ: 11,0"], "+CREG"), (&[], "+CSQ")]
    {
        let ended = format!("#1 contradicted: OK came without the {missing} line that was due");
        expect(SIGNAL, lines, &[&ended]);
    }
}

#[test]
fn one_line_under_one_of_several_prefixes_or_none() {
    for line in ["+CCID: 8986", "+QCCID: 8986", "898600"] {
        expect(ICCID, &[line], &[&format!("#1: {line} / OK")]);
        // The next one is no part of it; but where text is, more may be.
        let text = !line.starts_with('+');
        for next in ["+CCID: 1", "+QCCID: 1", "+FOO: 1", "text"] {
            if text && next != "+FOO: 1" {
                expect(ICCID, &[line, next], &[&format!("#1: {line} / {next} / OK")]);
                continue;
            }
            let wanted = [format!("urc: {next}"), format!("#1: {line} / OK")];
            expect(ICCID, &[line, next], &wanted.each_ref().map(String::as_str));
        }
    }
    // Another prefix and another echo come before it.
    for other in ["+FOO: 1", "AT+CCLK"] {
        let wanted = [format!("urc: {other}"), "#1: 898600 / OK".to_string()];
        expect(ICCID, &[other, "898600"], &wanted.each_ref().map(String::as_str));
    }
    expect(ICCID, &[], &["#1 contradicted: OK came without the +CCID line that was due"]);
}

#[test]
fn a_block_begins_with_its_prefix_and_goes_on_with_text() {
    expect(
        BLOCK,
        &["+ALIPAYCFG:", "\"env\": 4", "\"key\": 1"],
        &["#1: +ALIPAYCFG: / \"env\": 4 / \"key\": 1 / OK"],
    );
    // No text before it, nothing with a prefix behind it, and no echo in it.
    expect(
        BLOCK,
        &["early", "+ALIPAYCFG:", "+FOO: 1", "+ALIPAYCFG: 2", "AT+X", "\"env\": 4"],
        &[
            "urc: early",
            "urc: +FOO: 1",
            "urc: +ALIPAYCFG: 2",
            "urc: AT+X",
            "#1: +ALIPAYCFG: / \"env\": 4 / OK",
        ],
    );
    expect(
        BLOCK,
        &["\"env\": 4"],
        &["urc: \"env\": 4", "#1 contradicted: OK came without the +ALIPAYCFG line that was due"],
    );
}

#[test]
fn text_is_what_has_no_prefix() {
    expect(
        Answer::Text,
        &["Quectel_M26", "+FOO: 1", "AT+CGMM", "Revision"],
        &["urc: +FOO: 1", "urc: AT+CGMM", "#1: Quectel_M26 / Revision / OK"],
    );
    expect(Answer::Text, &[], &["#1 contradicted: OK came without the text line that was due"]);
}

#[test]
fn anything_is_every_line_but_an_echo_and_a_urc() {
    expect(
        Answer::Any,
        &["text", "+FOO: 1", "AT+X", "+CREG: 1", "RDY?"],
        &["urc: AT+X", "urc: +CREG: 1", "#1: text / +FOO: 1 / RDY? / OK"],
    );
    expect(Answer::Any, &[], &["#1: OK"]);
    expect(Answer::None, &["text", "+FOO: 1"], &["urc: text", "urc: +FOO: 1", "#1: OK"]);
}

/// A command whose answer has the prefix of a result that is awaited waits for that result.
#[test]
fn answers_with_the_prefix_of_an_awaited_result_wait_for_it() {
    let profile = Profile { overlap: true, ..Profile::quectel() };
    let waits = |answer: Answer| {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::did(&profile));
        bench.exchange("AT+ALIPAYDID\r", b"\r\nOK\r\n");
        bench.submit(bare("AT+Q").answer(answer));
        let waits = bench.transmit().is_empty();
        bench.receive(b"\r\n+ALIPAYDID: 0,\"1\"\r\n");
        bench.expect_transmit("AT+Q\r");
        waits
    };
    assert!(waits(Answer::Block("+ALIPAYDID")));
    assert!(!waits(Answer::Block("+ALIPAYCFG")));
    assert!(waits(Answer::Prefixed(&[("+CSQ", Shape::Any), ("+ALIPAYDID", Shape::Any)])));
    assert!(!waits(Answer::Prefixed(&[("+CSQ", Shape::Any), ("+CREG", Shape::Any)])));
    assert!(waits(Answer::PrefixedOrText(&["+CSQ", "+ALIPAYDID"])));
    assert!(!waits(ICCID));
    for answer in [Answer::Any, Answer::None, Answer::Text] {
        assert!(!waits(answer), "{answer:?}");
    }
}

/// The queue of reports has the prefix of their results, and another shape.
#[test]
fn a_line_of_another_shape_is_no_awaited_result() {
    for profile in profiles().map(|profile| requests::no_ok_alone(&profile)) {
        let mut bench = Bench::ready(profile.clone());
        bench.submit(requests::report(&profile, "1"));
        let line = bench.transmit();
        bench.exchange(&line, b"\r\n+ALIPAYREP: 0,12\r\n\r\nOK\r\n");
        bench.receive(b"\r\n+ALIPAYREP: 0,12\r\n\r\n+ALIPAYREP: 0\r\n");
        bench.expect(&[
            "stray: +ALIPAYREP: 0,12",
            "stray: +ALIPAYREP: 0,12",
            "#1: +ALIPAYREP: 0 / OK",
        ]);
    }
}

/// A line typed by hand is answered by the lines that it names, also where they are known as URCs,
/// and by no other URC.
#[test]
fn a_line_typed_by_hand_gets_what_it_asks_for() {
    for line in ["AT+CFUN?", "at+csq;+cfun?"] {
        let mut bench = Bench::ready(Profile::quectel());
        bench.submit(requests::raw(line));
        bench.exchange(&format!("{line}\r"), b"\r\n+CFUN: 1\r\n\r\nOK\r\n");
        bench.expect(&["#1: +CFUN: 1 / OK"]);
    }
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::raw("AT+CSQ"));
    bench.exchange("AT+CSQ\r", b"\r\n+CPIN: READY\r\n\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
    bench.expect(&["urc: +CPIN: READY", "#1: +CSQ: 11,0 / OK"]);
    // A command of which all is known is answered by what it expects.
    bench.submit(requests::at());
    bench.exchange("AT\r", b"\r\n+CPIN: READY\r\n\r\nOK\r\n");
    bench.expect(&["urc: +CPIN: READY", "#2: OK"]);
}

/// It gets each of the results that it caused.
#[test]
fn a_line_typed_by_hand_that_causes_two_results() {
    let mut bench = Bench::ready(Profile::quectel());
    let line = "AT+ALIPAYSIGN=1,\"9\";+ALIPAYREP=\"9\",,1,2,0,3";
    bench.submit(requests::raw(line));
    bench.expect_transmit(&format!("{line}\r"));
    bench.receive(b"\r\n+ALIPAYREP: 0\r\n\r\n+ALIPAYSIGN: 0,1,\"9\"\r\n\r\nOK\r\n");
    bench.expect(&["#1: +ALIPAYREP: 0 / +ALIPAYSIGN: 0,1,\"9\" / OK"]);
}

/// A result under a prefix that is a URC as well is a stray once a command used it.
#[test]
fn a_second_result_is_a_stray_also_where_it_is_known_as_a_urc() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.receive(b"\r\n+QNTP: 0\r\n");
    bench.submit(requests::ntp("AT+QNTP=\"x\"", "+QNTP"));
    bench.exchange("AT+QNTP=\"x\"\r", b"\r\nOK\r\n\r\n+QNTP: 0\r\n\r\n+QNTP: 0\r\n");
    bench.expect(&["urc: +QNTP: 0", "#1: +QNTP: 0 / OK", "stray: +QNTP: 0"]);
}

/// A line that comes back before it was written to its end is that of somebody else.
#[test]
fn an_echo_before_the_line_was_written() {
    let mut bench = Bench::ready(Profile::quectel());
    bench.submit(requests::csq());
    bench.write(3);
    bench.receive(b"AT+CSQ\r");
    bench.expect(&["urc: AT+CSQ"]);
    bench.write(4);
    bench.receive(b"AT+CSQ\r\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
    bench.expect(&["#1: +CSQ: 11,0 / OK"]);
}
