//! What the trace shows and what it hides.

use m26_pay::sim::trace::{Direction, Tracer};

fn shown(direction: Direction, bytes: &str) -> String {
    Tracer::default().line(direction, bytes.as_bytes())
}

/// The same when every byte is a chunk of its own.
fn shown_bytewise(direction: Direction, bytes: &str) -> String {
    let mut tracer = Tracer::default();
    bytes.bytes().map(|byte| tracer.line(direction, &[byte]).split_off(3)).collect()
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
        assert_eq!(shown(Direction::ToModule, &format!("{line}\r")), expected);
    }
    for line in ["+CCLK: \"19/01/08,03:53:10+32\"", "+ALIPAYREP: 0,12", "Call Ready"] {
        let expected = format!("<- \\r\\n{line}\\r\\n");
        assert_eq!(shown(Direction::ToHost, &format!("\r\n{line}\r\n")), expected);
    }
    assert_eq!(shown(Direction::ToHost, "\0\u{ff}\\"), "<- \\x00\\xc3\\xbf\\");
}

#[test]
fn secrets_are_hidden() {
    let config = "AT+ALIPAYCFG=\"1\",ALIPAY_BOX,4\r";
    let expected = "AT+ALIPAYCFG=\"*\",**********,*\\r";
    assert_eq!(shown(Direction::ToModule, config), format!("-> {expected}"));
    assert_eq!(shown_bytewise(Direction::ToModule, config), expected);
    let read = "\r\n+ALIPAYCFG:\r\n\"product_key\": \"ALIPAY_BOX\"\r\n\"env\": 4\r\n\r\nOK\r\n";
    let expected = "<- \\r\\n+ALIPAYCFG:\\r\\n\"product_key\": \"**********\"\\r\\n\"env\": 4\\r\\n\
                    \\r\\nOK\\r\\n";
    assert_eq!(shown(Direction::ToHost, read), expected);
}

#[test]
fn nothing_of_a_signature_is_shown_however_damaged() {
    let result =
        "\r\n+ALIPAYSIGN: 0,369,\"{\"terminalType\":\"IOT\",\"signature\":\"QIIAQ+7B\"}\"\r\n";
    let expected =
        "\\r\\n+ALIPAYSIGN: 0,369,\"*\"************\"*\"***\",\"*********\"*\"********\"*\"\\r\\n";
    assert_eq!(shown(Direction::ToHost, result), format!("<- {expected}"));
    assert_eq!(shown_bytewise(Direction::ToHost, result), expected);
    // A line end within, a first quote lost, a name lost.
    for damaged in [
        result.replace("QIIAQ", "\nQIIAQ"),
        result.replace("369,\"", "369,"),
        result.replace("+ALIPAYSIGN", "+ALI\x01AYSIGN"),
        result.replace("\r\n+ALIPAYSIGN: 0,", ""),
    ] {
        assert!(!shown(Direction::ToHost, &damaged).contains("QIIA"), "{damaged:?}");
    }
}

#[test]
fn long_numbers_are_hidden_anywhere() {
    assert_eq!(
        shown(Direction::ToHost, "\r\n123456789012347\r\n"),
        "<- \\r\\n1234***********\\r\\n"
    );
    let damaged = "AT+ALIPAYSIGN1,281234567890123456\r";
    assert_eq!(shown(Direction::ToModule, damaged), "-> AT+ALIPAYSIGN1,2812**************\\r");
}

#[test]
fn the_trace_of_the_next_line_begins_afresh() {
    let mut tracer = Tracer::default();
    tracer.line(Direction::ToModule, b"AT+ALIPAYSIGN=1,\"28");
    assert_eq!(tracer.line(Direction::ToModule, b"12\"\rAT+CSQ\r"), "-> **\"\\rAT+CSQ\\r");
}
