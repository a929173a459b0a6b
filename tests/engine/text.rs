//! What somebody else wrote decides nothing, whatever it looks like.

use std::time::Duration;

use m26_pay::at::profile::Profile;
use support::bench::{Bench, profiles};
use support::requests;

const LOOKS: &[&str] = &["OK", "ERROR", "+ALIPAYREP : 0", "+CSQ: 1,0", "RDY", "+CMEE: 1", "AT+X"];

/// Short messages, reports of delivery and cell broadcasts, at every place of an exchange.
#[test]
fn the_line_behind_the_head_of_a_message() {
    for profile in profiles() {
        for head in ["+CMT: \"+8610086\",,\"26/11/30,05:00:00+32\"", "+CDS: 5", "+CBM: 88"] {
            for look in LOOKS {
                let message = format!("\r\n{head}\r\n{look}\r\n");
                let urc = format!("urc: {head}");
                let told = [urc.as_str(), &format!("Text({})", shown(look))];
                let mut bench = Bench::ready(profile.clone());
                bench.submit(requests::csq());
                bench.expect_transmit("AT+CSQ\r");
                bench.receive(message.as_bytes());
                bench.receive(b"\r\n+CSQ: 30,0\r\n");
                bench.receive(message.as_bytes());
                bench.receive(b"\r\nERROR\r\n");
                bench.expect(&[told[0], told[1], told[0], told[1], "#1 refused: ERROR"]);
                // The true result comes after it.
                let spec = requests::no_ok_alone(&profile);
                bench.submit(requests::report(&spec, "1"));
                bench.exchange("AT+ALIPAYREP=\"1\",,1,2,0,3\r", b"\r\nOK\r\n");
                bench.receive(message.as_bytes());
                bench.receive(b"\r\n+ALIPAYREP : 6\r\n");
                bench.expect(&[told[0], told[1], "#2: +ALIPAYREP : 6 / OK"]);
            }
        }
    }
}

/// As a log shows a line.
fn shown(line: &str) -> String {
    format!("{:?}", m26_pay::at::line::Line::new(line))
}

#[test]
fn quotes_that_go_on_over_lines() {
    for look in LOOKS {
        for by_hand in [false, true] {
            let mut bench = Bench::ready(Profile::quectel());
            bench.submit(if by_hand { requests::raw("AT+CUSD=1;+CSQ") } else { requests::csq() });
            let line = bench.transmit();
            bench.expect_transmit(&line);
            let said = format!("\r\n+CUSD: 0,\"Balance:\r\n{look}\r\n\r\n1. More\",15\r\n");
            bench.receive(said.as_bytes());
            bench.receive(b"\r\n+CSQ: 30,0\r\n\r\nOK\r\n");
            let seen = bench.events();
            let done = seen.last().unwrap();
            assert!(done.starts_with("#1: ") && done.ends_with("+CSQ: 30,0 / OK"), "{seen:?}");
            let texts = seen.iter().filter(|event| event.starts_with("Text(")).count();
            assert_eq!(texts, 2, "{seen:?}");
        }
    }
}

/// A quote that was lost keeps no command waiting: neither for ever, nor behind an echo.
#[test]
fn a_quote_that_does_not_close() {
    let open: &[u8] = b"\r\n+CUSD: 0,\"Balance\r\n";
    let mut bench = Bench::ready(Profile::quectel());
    bench.receive(open);
    bench.pass(Duration::from_secs(2));
    bench.submit(requests::at());
    bench.exchange("AT\r", b"\r\nOK\r\n");
    bench.submit(requests::at());
    bench.expect_transmit("AT\r");
    bench.receive(open);
    bench.receive(b"AT\r\r\nOK\r\n");
    bench.submit(requests::at());
    bench.expect_transmit("AT\r");
    bench.receive(open);
    bench.receive("\r\nx\r\n".repeat(1000).as_bytes());
    bench.receive(b"\r\nOK\r\n");
    let seen = bench.events();
    let done = ["#1: OK", "#2: OK", "#3: OK"];
    assert!(done.iter().all(|done| seen.iter().any(|event| event == done)), "{seen:?}");
}
