//! Each fault of the simulated line, on virtual time.

use std::time::Duration;

use m26_pay::sim::faults::{Faults, Faulty};
use m26_pay::sim::modem::{Modem, ModemSettings};
use m26_pay::sim::pace::Paced;
use m26_pay::sim::{Chunk, Order};
use support::sim_line::{Line, ms, quiet, secs};

const CSQ: &str = "\r\n+CSQ: 11,0\r\n\r\nOK\r\n";

fn faulty(seed: u64, faults: Faults) -> Line<Faulty<Modem>> {
    Line::new(Faulty::with_faults(Modem::new(quiet()), seed, faults))
}

fn faultless() -> Line<Faulty<Modem>> {
    faulty(0, Faults::default())
}

#[test]
fn without_faults_nothing_changes() {
    let mut line = faultless();
    assert_eq!(line.ask("AT+CSQ"), CSQ);
    assert_eq!(line.elapsed(), secs(5));
}

#[test]
fn split_keeps_the_bytes_and_their_order() {
    for seed in 0..20 {
        let mut line = faulty(seed, Faults { split: 1.0, ..Faults::default() });
        assert_eq!(line.ask("AT+CGMI;+CSQ"), format!("\r\nQuectel\r\n{CSQ}"));
        assert!(line.log.len() > 3, "{}", line.log.len());
        let times: Vec<_> = line.log.iter().map(|(at, _)| *at).collect();
        assert!(times.is_sorted());
        assert_ne!(times.first(), times.last());
    }
}

#[test]
fn delay_keeps_the_order() {
    let faults = Faults { delay: 1.0, delay_up_to: secs(2), ..Faults::default() };
    let mut line = faulty(1, faults);
    line.send("AT+CSQ\r");
    line.run(ms(10));
    assert_eq!(line.take(), "");
    assert_eq!(line.hear(secs(4)), CSQ);
}

#[test]
fn drop_corrupt_and_duplicate() {
    let mut line = faulty(2, Faults { drop: 1.0, ..Faults::default() });
    assert_eq!(line.ask("AT+CSQ"), "");
    let mut line = faulty(2, Faults { duplicate: 1.0, ..Faults::default() });
    assert_eq!(line.ask("AT"), "\r\r\n\nOOKK\r\r\n\n");
    let mut line = faulty(2, Faults { corrupt: 1.0, ..Faults::default() });
    line.ask("AT+CSQ");
    let bytes: usize = line
        .log
        .iter()
        .map(|(_, chunk)| match chunk {
            Chunk::Bytes(bytes) => bytes.len(),
            Chunk::HangUp | Chunk::Restore => 0,
        })
        .sum();
    assert_eq!(bytes, CSQ.len());
    assert!(!line.log.iter().any(|(_, chunk)| *chunk == Chunk::Bytes("\r\nOK\r\n".into())));
}

#[test]
fn the_same_seed_gives_the_same_damage() {
    let faults =
        Faults { corrupt: 0.1, drop: 0.1, duplicate: 0.1, split: 0.5, ..Faults::default() };
    let run = |seed| {
        let mut line = faulty(seed, faults.clone());
        line.ask("ATI");
        line.log
    };
    assert_eq!(run(7), run(7));
    assert_ne!(run(7), run(8));
}

#[test]
fn damage_towards_the_module() {
    let mut line = faulty(3, Faults { drop_input: 1.0, ..Faults::default() });
    assert_eq!(line.ask("AT"), "");
    line.order(Order::Calm);
    assert_eq!(line.ask("AT"), "\r\nOK\r\n");
    line.device.faults_mut().corrupt_input = 1.0;
    assert_eq!(line.ask("AT"), "");
}

#[test]
fn urcs_come_between_any_two_frames() {
    let faults = Faults { urc: 1.0, urc_text: "+CREG: 0".into(), ..Faults::default() };
    let mut line = Line::new(Faulty::with_faults(Modem::new(ModemSettings::default()), 4, faults));
    let urc = "\r\n+CREG: 0\r\n";
    let heard = line.ask("AT+CSQ");
    assert_eq!(heard, format!("{urc}AT+CSQ\r{urc}\r\n+CSQ: 11,0\r\n{urc}\r\nOK\r\n"));
}

#[test]
fn late_and_missing_lines() {
    let mut line = faultless();
    line.order(Order::LateResult { prefix: "+CSQ".into(), by: secs(2) });
    line.send("AT+CSQ\r");
    assert_eq!(line.hear(secs(1)), "\r\nOK\r\n");
    assert_eq!(line.ask("AT+CGMI"), "\r\nQuectel\r\n\r\nOK\r\n\r\n+CSQ: 11,0\r\n");
    assert_eq!(line.ask("AT+CSQ"), CSQ);
    line.order(Order::MissingResult("+CSQ".into()));
    assert_eq!(line.ask("AT+CGMI"), "\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!(line.ask("AT+CSQ"), "\r\nOK\r\n");
    assert_eq!(line.ask("AT+CSQ"), CSQ);
}

#[test]
fn late_and_missing_final_results() {
    let mut line = faultless();
    line.order(Order::LateFinal(secs(2)));
    line.send("AT+CSQ\r");
    assert_eq!(line.hear(secs(1)), "\r\n+CSQ: 11,0\r\n");
    assert_eq!(line.hear(secs(2)), "\r\nOK\r\n");
    line.order(Order::MissingFinal);
    line.order(Order::MissingFinal);
    assert_eq!(line.ask("AT+CSQ"), "\r\n+CSQ: 11,0\r\n");
    assert_eq!(line.ask("AT+NONE"), "");
    assert_eq!(line.ask("AT+CSQ"), CSQ);
}

#[test]
fn a_hang_up_ends_and_the_module_has_gone_on() {
    let mut line = faultless();
    line.send("AT+CSQ\r");
    line.order(Order::HangUp(secs(3)));
    assert_eq!(line.hear(secs(1)), "");
    assert_eq!(line.ask("AT+CMEE=2"), "");
    let events: Vec<_> = line.log.iter().map(|(at, chunk)| (*at, chunk.clone())).collect();
    assert_eq!(events, [(Duration::ZERO, Chunk::HangUp), (secs(3), Chunk::Restore)]);
    assert_eq!(line.ask("AT+CMEE?"), "\r\n+CMEE: 1\r\n\r\nOK\r\n");
}

#[test]
fn a_hang_up_takes_what_is_on_the_line() {
    let modem = Faulty::new(Modem::new(quiet()), 0);
    let mut line = Line::new(Paced::new(modem, 300));
    line.send("AT+CSQ\r");
    line.run(ms(400));
    assert!("\r\n+CSQ".starts_with(line.take().trim_end_matches(": 11,0\r\n")));
    line.order(Order::HangUp(secs(1)));
    assert_eq!(line.hear(secs(5)), "");
    assert_eq!(line.ask("AT+CSQ"), CSQ);
}

#[test]
fn silence_loses_both_directions() {
    let mut line = faultless();
    line.order(Order::Silent(secs(10)));
    assert_eq!(line.ask("AT+CMEE=2"), "");
    line.order(Order::Urc("+CREG: 0".into()));
    assert_eq!(line.hear(secs(5)), "");
    assert_eq!(line.ask("AT+CMEE?"), "\r\n+CMEE: 1\r\n\r\nOK\r\n");
}

#[test]
fn orders_to_the_module_pass() {
    let mut line = faultless();
    line.order(Order::Urc("+PDP DEACT".into()));
    line.order(Order::Raw(b"\0\xff".to_vec()));
    line.run(Duration::ZERO);
    assert_eq!(line.take(), "\r\n+PDP DEACT\r\n\0\u{fffd}");
    line.order(Order::Reset);
    assert!(line.hear(secs(10)).starts_with("\r\nRDY\r\n"));
}
