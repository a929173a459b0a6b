//! A module that begins late on what it was asked: what may still come of it, and until when.

use std::time::Duration;

use m26_pay::at::profile::Profile;
use m26_pay::engine::{FENCE, Settings};
use support::bench::Bench;
use support::requests::{self, FINAL, FINAL_WITH_RESULT, RESULT};

/// A module that was told to echo, and does.
fn echoing(profile: &Profile) -> Bench {
    let settings = Settings { fence_number: Some(6), ..Settings::new(profile.clone()) };
    let mut bench = Bench::ready_with(settings);
    bench.submit(requests::ate(true));
    bench.exchange("ATE1\r", b"ATE1\r\r\nOK\r\n");
    bench.events();
    bench
}

/// The module echoes the line and says this.
#[track_caller]
fn exchange(bench: &mut Bench, line: &str, answer: &str) {
    bench.exchange(line, format!("{line}{answer}").as_bytes());
}

/// Two signatures had their OK and were lost. When the module hangs later, the echo of another line
/// does not mean that it begins on them now.
#[test]
fn what_was_acknowledged_is_not_begun_again() {
    let profile = Profile::quectel();
    let mut bench = echoing(&profile);
    for number in 2..4 {
        bench.submit(requests::sign(&profile, "1"));
        exchange(&mut bench, "AT+ALIPAYSIGN=1,\"1\"\r", "\r\nOK\r\n");
        assert_eq!(bench.pass(RESULT), [format!("#{number} timed-out (unknown) result")]);
    }
    bench.pass(Duration::from_secs(1));
    bench.submit(requests::at().clock_for(&["+ALIPAYSIGN"]));
    exchange(&mut bench, "AT\r", "\r\nOK\r\n");
    bench.expect(&["#4: OK"]);
    bench.submit(requests::csq());
    bench.expect_transmit("AT+CSQ\r");
    assert_eq!(bench.pass(FINAL), ["#5 timed-out (unknown) final"]);
    bench.submit(requests::sign(&profile, "2").newer_than(100));
    bench.expect_transmit("ATS100000007?\r");
    bench.receive(b"AT+CSQ\r\r\n+CSQ: 1,0\r\n\r\nOK\r\nATS100000007?\r\r\nERROR\r\n");
    exchange(&mut bench, "AT+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"2\"\r");
}

/// The module took a signature's line only with the fence behind it. Where results come before the OK,
/// that OK ends the wait for its result.
#[test]
fn the_end_of_a_line_that_was_begun_late() {
    let profile = Profile::luat();
    for result in ["\r\n+ALIPAYSIGN: 1\r\n", ""] {
        let mut bench = echoing(&profile);
        bench.submit(requests::sign(&profile, "1"));
        bench.exchange("AT+ALIPAYSIGN=1,\"1\"\r", b"AT+ALIPAYSIGN=1,\"1\"");
        assert_eq!(bench.pass(FINAL_WITH_RESULT), ["#2 timed-out (unknown) result and final"]);
        bench.pass(Duration::from_secs(1));
        bench.submit(requests::at().clock_for(&["+ALIPAYSIGN"]));
        exchange(&mut bench, "ATS100000007?\r", &format!("{result}\r\nOK\r\n"));
        exchange(&mut bench, "ATS100000008?\r", "\r\nERROR\r\n");
        exchange(&mut bench, "AT+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n");
        exchange(&mut bench, "AT\r", "\r\nOK\r\n");
        assert_eq!(bench.events().last().unwrap(), "#3: OK");
        bench.submit(requests::sign(&profile, "2").newer_than(100));
        bench.expect_transmit("AT+ALIPAYSIGN=1,\"2\"\r");
    }
}

/// A signature came damaged behind the echo of its line, while others are due. The module has begun on
/// all of them, so that no other echo, however damaged, is the beginning of one.
#[test]
fn what_was_echoed_is_not_begun_again() {
    let profile = Profile::luat();
    let mut bench = echoing(&profile);
    for _ in 0..2 {
        bench.submit(requests::sign(&profile, "1"));
        exchange(&mut bench, "AT+ALIPAYSIGN=1,\"1\"\r", "\r\nOK\r\n");
        bench.pass(RESULT);
    }
    bench.pass(Duration::from_secs(1));
    bench.submit(requests::at().clock_for(&["+ALIPAYSIGN"]));
    exchange(&mut bench, "AT\r", "\r\nOK\r\n");
    bench.events();
    bench.submit(requests::sign(&profile, "2").newer_than(100));
    let damaged = "\r\n+ALIPAYSIGN: 0,22,\"{\"time\":\"200\",\"a\":1\"\r\n";
    exchange(&mut bench, "AT+ALIPAYSIGN=1,\"2\"\r", &format!("{damaged}\r\nOK\r\n"));
    let seen = bench.events();
    assert!(seen.iter().any(|event| event.starts_with("#5 contradicted")), "{seen:?}");
    bench.pass(Duration::from_secs(1));
    bench.submit(requests::at().clock_for(&["+ALIPAYSIGN"]));
    bench.exchange("ATS100000007?\r", b"ATS%00\x07?\r\r\nERROR\r\n");
    bench.pass(FENCE);
    exchange(&mut bench, "AT+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n");
    bench.expect_transmit("AT\r");
}

/// The result of one signature was lost, and another one was told from it by its time. The module hangs,
/// and begins late on a third one. That is told as well, and what is due then is the first one, as before.
#[test]
fn a_signature_that_was_begun_late_is_told_from_a_lost_one() {
    let profile = Profile::quectel();
    let mut bench = echoing(&profile);
    bench.submit(requests::dated_sign(&profile, "1"));
    exchange(&mut bench, "AT+ALIPAYSIGN=1,\"1\"\r", "\r\nOK\r\n");
    bench.pass(RESULT + Duration::from_secs(12));
    bench.submit(requests::at().clock_for(&["+ALIPAYSIGN"]));
    exchange(&mut bench, "AT\r", "\r\nOK\r\n");
    bench.submit(requests::dated_sign(&profile, "2").newer_than(100));
    exchange(&mut bench, "AT+ALIPAYSIGN=1,\"2\"\r", "\r\nOK\r\n");
    bench.receive(&signature(200));
    assert!(bench.pass(Duration::from_secs(1)).last().unwrap().starts_with("#4: "));

    bench.submit(requests::dated_sign(&profile, "3").newer_than(100));
    bench.expect_transmit("AT+ALIPAYSIGN=1,\"3\"\r");
    assert_eq!(bench.pass(FINAL), ["#5 timed-out (unknown) final"]);
    bench.submit(requests::at().clock_for(&["+ALIPAYSIGN"]));
    bench.expect_transmit("ATS100000007?\r");
    bench.receive(b"AT+ALIPAYSIGN=1,\"3\"\r\r\nOK\r\n");
    bench.receive(&signature(300));
    bench.receive(b"ATS100000007?\r\r\nERROR\r\n");
    exchange(&mut bench, "AT+CMEE?\r", "\r\n+CMEE: 1\r\n\r\nOK\r\n");
    exchange(&mut bench, "AT\r", "\r\nOK\r\n");
    bench.events();

    bench.submit(requests::dated_sign(&profile, "4").newer_than(300));
    exchange(&mut bench, "AT+ALIPAYSIGN=1,\"4\"\r", "\r\nOK\r\n");
    bench.receive(&signature(50));
    assert!(bench.events().last().unwrap().starts_with("late: +ALIPAYSIGN"));
    bench.receive(&signature(400));
    assert!(bench.events().last().unwrap().starts_with("#7: "));
}

fn signature(time: u32) -> Vec<u8> {
    let data = format!("{{\"time\":\"{time}\"}}");
    format!("\r\n+ALIPAYSIGN: 0,{},\"{data}\"\r\n", data.len()).into_bytes()
}
