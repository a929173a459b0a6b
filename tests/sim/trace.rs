//! What the trace shows and what it hides.

use std::path::Path;

use m26_pay::sim::trace::{Passing, Tracer};

type Direction = fn(&[u8]) -> Passing<'_>;

fn to_host(bytes: &[u8]) -> Passing<'_> {
    Passing::ToHost(bytes)
}

fn to_module(bytes: &[u8]) -> Passing<'_> {
    Passing::ToModule(bytes)
}

fn shown(direction: Direction, bytes: &str) -> String {
    Tracer::default().line(direction(bytes.as_bytes()))
}

/// What is shown if every byte is a chunk of its own.
fn shown_bytewise(direction: Direction, bytes: &str) -> String {
    let mut tracer = Tracer::default();
    bytes.bytes().map(|byte| tracer.line(direction(&[byte])).split_off(3)).collect()
}

#[test]
fn harmless_lines_are_shown() {
    for line in [
        "AT+CREG?;+CGREG?;+CSQ",
        "AT+QICSGP=1,\"CMNET\"",
        "AT+QNTTP=\"ntp1.aliyun.com\"",
        "AT+IPR=115200",
        "AT+ALIPAYSIGN=?",
        "AT+ALIPAYOPEN",
    ] {
        let expected = format!("-> {line}\\r");
        assert_eq!(shown(to_module, &format!("{line}\r")), expected);
    }
    for line in ["+CCLK: \"19/01/08,03:53:10+32\"", "+ALIPAYREP: 0,12", "Call Ready"] {
        let expected = format!("<- \\r\\n{line}\\r\\n");
        assert_eq!(shown(to_host, &format!("\r\n{line}\r\n")), expected);
    }
    assert_eq!(shown(to_host, "\0\u{ff}\\"), "<- \\x00\\xc3\\xbf\\");
}

#[test]
fn secrets_are_hidden() {
    let config = "AT+ALIPAYCFG=\"1\",ALIPAY_BOX,4\r";
    let expected = "AT+ALIPAYCFG=\"*\",**********,*\\r";
    assert_eq!(shown(to_module, config), format!("-> {expected}"));
    assert_eq!(shown_bytewise(to_module, config), expected);
    let read = "\r\n+ALIPAYCFG:\r\n\"product_key\": \"ALIPAY_BOX\"\r\n\"env\": 4\r\n\r\nOK\r\n";
    let expected = "<- \\r\\n+ALIPAYCFG:\\r\\n\"product_key\": \"**********\"\\r\\n\"env\": 4\\r\\n\
                    \\r\\nOK\\r\\n";
    assert_eq!(shown(to_host, read), expected);
}

#[test]
fn nothing_of_a_signature_is_shown_however_damaged() {
    let result =
        "\r\n+ALIPAYSIGN: 0,369,\"{\"terminalType\":\"IOT\",\"signature\":\"QIIAQ+7B\"}\"\r\n";
    let expected =
        "\\r\\n+ALIPAYSIGN: 0,369,\"*\"************\"*\"***\",\"*********\"*\"********\"*\"\\r\\n";
    assert_eq!(shown(to_host, result), format!("<- {expected}"));
    assert_eq!(shown_bytewise(to_host, result), expected);
    // A line end within, a first quote lost, a name lost.
    for damaged in [
        result.replace("QIIAQ", "\nQIIAQ"),
        result.replace("369,\"", "369,"),
        result.replace("+ALIPAYSIGN", "+ALI\x01AYSIGN"),
        result.replace("\r\n+ALIPAYSIGN: 0,", ""),
    ] {
        assert!(!shown(to_host, &damaged).contains("QIIA"), "{damaged:?}");
    }
}

#[test]
fn long_numbers_are_hidden_anywhere() {
    assert_eq!(shown(to_host, "\r\n123456789012347\r\n"), "<- \\r\\n1234***********\\r\\n");
    let damaged = "AT+ALIPAYSIGN1,281234567890123456\r";
    assert_eq!(shown(to_module, damaged), "-> AT+ALIPAYSIGN1,2812**************\\r");
}

#[test]
fn the_trace_of_the_next_line_begins_afresh() {
    let mut tracer = Tracer::default();
    tracer.line(Passing::ToModule(b"AT+ALIPAYSIGN=1,\"28"));
    assert_eq!(tracer.line(Passing::ToModule(b"12\"\rAT+CSQ\r")), "-> **\"\\rAT+CSQ\\r");
}

#[test]
fn an_outage_is_told() {
    let mut tracer = Tracer::default();
    assert_eq!(tracer.line(Passing::HangUp), "-- the line is dead");
    let back = Passing::Restored(Path::new("/dev/pts/7"));
    assert_eq!(tracer.line(back), "-- the line is back: /dev/pts/7");
    assert_eq!(format!("{:?}", Passing::ToHost(b"secret")), "ToHost(6 redacted)");
}
