//! What is allocated: nothing in framing and typing, little in an exchange.
#![allow(clippy::panic, reason = "these are tests, the helpers too")]

mod common;

use allocation_counter::measure;
use common::{Bench, requests};
use m26_pay::alipay::sign::COUNTED;
use m26_pay::at::line::{Frame, LineSplitter};
use m26_pay::profile::Profile;
use m26_pay::urc::Urc;

/// The lines of a bring-up and a payment, with every URC.
fn stream() -> Vec<u8> {
    let signed = "s".repeat(369);
    let lines = [
        "RDY",
        "+CFUN: 1",
        "+CPIN: READY",
        "Call Ready",
        "+CREG: 1,\"1A2B\",\"0C3D\"",
        "+CSQ: 11,0",
        "OK",
        "+ALIPAYOPEN: 0",
        "+ALIPAYDID: 0,\"010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw\"",
        "+ALIPAYREP : 0",
        "+PDP DEACT",
        "UNDER_VOLTAGE WARNING ",
        "+NOBODY: \"knows\",1",
    ];
    let counted = format!("\r\n+ALIPAYSIGN: 0,369,\"{signed}\"\r\n");
    let mut bytes: Vec<u8> =
        lines.iter().flat_map(|line| format!("\r\n{line}\r\n").into_bytes()).collect();
    bytes.extend_from_slice(counted.as_bytes());
    bytes
}

#[test]
fn framing_and_typing_allocate_nothing() {
    let bytes = stream();
    for chunk in [bytes.len(), 64, 1] {
        let mut splitter = LineSplitter::new(4096, COUNTED);
        let mut run = || {
            let mut urcs = 0;
            for mut input in bytes.chunks(chunk) {
                while let Some(frame) = splitter.next(&mut input) {
                    let Frame::Line(line) = frame else { panic!("{frame:?}") };
                    urcs += usize::from(!matches!(Urc::parse(line), Urc::Unknown { .. }));
                }
            }
            urcs
        };
        // The splitter's own buffer grows to the longest line once.
        let first = run();
        let mut again = 0;
        let allocated = measure(|| again = run());
        assert_eq!((allocated.count_total, again), (0, first), "in pieces of {chunk} bytes");
        assert!(first >= 10, "{first}");
    }
}

#[test]
fn an_exchange_allocates_little() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    let exchange = |bench: &mut Bench| {
        let ticket = bench.engine.submit(bench.now, requests::csq());
        let count = bench.engine.transmit().len();
        bench.engine.transmitted(bench.now, count);
        bench.engine.handle_input(bench.now, b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
        let output = bench.engine.poll_output();
        assert!(matches!(output, m26_pay::engine::Output::Event(_)) && ticket.is_ok());
    };
    exchange(&mut bench);
    let allocated = measure(|| exchange(&mut bench));
    // The command line, the exchange, its list of lines, the line and its handle.
    assert!(allocated.count_total <= 8, "{allocated:?}");
}
