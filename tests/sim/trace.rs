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

/// What is shown of one chunk, and then of what it begins.
fn shown(direction: Direction, bytes: &str) -> String {
    let mut tracer = Tracer::default();
    let lines = tracer.lines(direction(bytes.as_bytes()));
    lines.into_iter().chain(tracer.rest()).collect::<Vec<_>>().join("\n")
}

/// What is shown if every byte is a chunk of its own, without the arrows.
fn shown_bytewise(direction: Direction, bytes: &str) -> String {
    let mut tracer = Tracer::default();
    let lines: Vec<_> = bytes.bytes().flat_map(|byte| tracer.lines(direction(&[byte]))).collect();
    lines.into_iter().chain(tracer.rest()).map(|mut line| line.split_off(3)).collect()
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
    assert!(tracer.lines(Passing::ToModule(b"AT+ALIPAYSIGN=1,\"28")).is_empty());
    assert_eq!(
        tracer.lines(Passing::ToModule(b"12\"\rAT+CSQ\r")),
        ["-> AT+ALIPAYSIGN=*,\"****\"\\r", "-> AT+CSQ\\r"]
    );
}

#[test]
fn an_outage_is_told() {
    let mut tracer = Tracer::default();
    assert!(tracer.lines(Passing::ToModule(b"AT+CS")).is_empty());
    assert_eq!(tracer.lines(Passing::HangUp), ["-> AT+CS", "-- the line is dead"]);
    let back = Passing::Restored(Path::new("/dev/pts/7"));
    assert_eq!(tracer.lines(back), ["-- the line is back: /dev/pts/7"]);
    assert_eq!(format!("{:?}", Passing::ToHost(b"secret")), "ToHost(6 redacted)");
}

/// As chat(8) sends it: each byte for itself, with its echo in between.
#[test]
fn a_command_in_pieces_is_one_line_and_so_is_its_echo() {
    let mut tracer = Tracer::default();
    let mut lines = Vec::new();
    for byte in "ATQ0 V1 E1 S0=0 &C1 &D2\r".bytes() {
        lines.extend(tracer.lines(Passing::ToModule(&[byte])));
        lines.extend(tracer.lines(Passing::ToHost(&[byte])));
    }
    for part in ["\r\nOK\r\n", "\r\nQuectel_Ltd\r", "\nQuectel_M26\r\n", "\r\n", "OK\r\n"] {
        lines.extend(tracer.lines(Passing::ToHost(part.as_bytes())));
    }
    assert_eq!(
        lines,
        [
            "-> ATQ0 V1 E1 S0=0 &C1 &D2\\r",
            "<- ATQ0 V1 E1 S0=0 &C1 &D2\\r",
            "<- \\r\\nOK\\r\\n",
            "<- \\r\\nQuectel_Ltd\\r\\nQuectel_M26\\r\\n",
            "<- \\r\\nOK\\r\\n",
        ]
    );
    assert!(tracer.rest().is_empty());
    // What nothing ends is told at last.
    let long = "x".repeat(9000);
    assert_eq!(tracer.lines(Passing::ToModule(long.as_bytes())), [format!("-> {long}")]);
}

#[test]
fn what_general_clients_set_up_is_shown_and_a_secret_behind_it_is_not() {
    for line in [
        "AT+CMGF=0",
        "AT+CMEE=1;+CREG=2",
        "AT+CNMI=2,1,0,0,0",
        "ATX4 S7=60 &D2+CMEE=1",
        "AT+CPMS=\"SM\",\"SM\"",
        "AT+IFC=2,2",
        "AT+CGDCONT=1,\"IP\",\"CM;NET\";+CREG=1",
    ] {
        assert_eq!(shown(to_module, &format!("{line}\r")), format!("-> {line}\\r"));
        assert_eq!(shown_bytewise(to_module, &format!("{line}\r")), format!("{line}\\r"));
    }
    for line in [
        "AT+CPIN=\"2846\"",
        "AT+CREG=1;+ALIPAYSIGN=1,2846,1",
        "ATS0=0+ALIPAYSIGN=1,2846",
        "ATS0=0;+CPIN=2846",
        "AT+CMGF=1;+CMGS=\"2846\"",
        "AT+CLCK=\"SC\",1,\"2846\"",
        "AT+CGDCONT=1,\"IP\",\"a\";+CPIN=2846",
        "AT+CSCA=\"+2846\"",
        "ALIPAYS1=2846",
    ] {
        assert!(!shown(to_module, &format!("{line}\r")).contains("2846"), "{line}");
    }
    assert!(!shown(to_module, "ATS0=28461234567\r").contains("28461"));
}
