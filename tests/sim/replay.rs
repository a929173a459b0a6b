//! A recorded module, played again.

use std::time::Duration;

use m26_pay::at::command::Command;
use m26_pay::blocking::Client;
use m26_pay::engine::{EarlierProgram, Settings};
use m26_pay::error::ErrorKind;
use m26_pay::m26::{Raw, ReadIdentity, ReadImei, ReadNetworkStatus, ReadSignal};
use m26_pay::sim::modem::Modem;
use m26_pay::sim::replay::Replay;
use m26_pay::sim::virtual_port::VirtualPort;
use m26_pay::sim::{Chunk, Device};
use m26_pay::transcript::{Transcript, TranscriptStep};
use proptest::collection::vec;
use proptest::prelude::*;
use support::bench;
use support::secrets::Shared;
use support::sim_line::quiet;

fn client<D: Device>(device: D) -> Client<VirtualPort<D>> {
    let settings = Settings { earlier: EarlierProgram::Ended, ..Settings::default() };
    Client::connect(VirtualPort::new(device), settings)
}

/// What a program asks of a module.
fn asks<D: Device>(client: &mut Client<VirtualPort<D>>) -> Vec<String> {
    fn told<C: Command, D: Device>(client: &mut Client<VirtualPort<D>>, command: &C) -> String
    where
        C::Response: std::fmt::Debug,
    {
        format!("{:?}", client.send(command))
    }
    vec![
        told(client, &ReadIdentity),
        told(client, &ReadSignal),
        told(client, &ReadNetworkStatus),
        told(client, &Raw::new("AT+NOSUCH=1")),
        told(client, &ReadSignal),
    ]
}

fn recorded() -> (Vec<String>, Transcript) {
    let file = Shared::default();
    let mut client = client(Modem::new(quiet()));
    client.record(file.clone());
    let answers = asks(&mut client);
    drop(client);
    (answers, file.text().parse().unwrap())
}

#[test]
fn a_program_that_asks_the_same_hears_the_same() {
    let (answers, transcript) = recorded();
    assert!(answers[0].contains("Quectel_M26"), "{answers:?}");
    let mut client = client(Replay::new(&transcript));
    // Over and over, as the fences have other numbers each time.
    for _ in 0..3 {
        assert_eq!(asks(&mut client), answers);
    }
}

#[test]
fn what_was_not_recorded_is_an_error_and_told() {
    let (_, transcript) = recorded();
    let mut client = client(Replay::new(&transcript));
    assert_eq!(client.send(&ReadImei).unwrap_err().kind(), ErrorKind::Refused);
    assert!(client.send(&ReadSignal).is_ok());
    let secret = client.send(&Raw::new("AT+CPIN=\"1234\""));
    assert_eq!(secret.unwrap_err().kind(), ErrorKind::Refused);
    let mut replay = Replay::new(&transcript);
    let now = bench::epoch();
    replay.receive(now, b"AT+GSN\rAT+CPIN=\"1234\"\rAT+CSQ\r\r");
    assert_eq!(replay.unknown(), ["AT+GSN", "AT+CPIN=\"0000\""]);
}

#[test]
fn time_passes_as_it_did() {
    let text =
        "+ 30\n< \\r\\nRDY\\r\\n\n> AT+X\\r\n+ 200\n< \\r\\nOK\\r\\n\n+ 3000\n< \\r\\nRING\\r\\n";
    let mut replay = Replay::new(&text.parse().unwrap());
    let began = bench::epoch();
    let mut heard = Vec::new();
    let mut hear = |replay: &mut Replay, now| {
        while let Some(Chunk::Bytes(bytes)) = replay.poll_transmit(now) {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            heard.push(((now - began).as_millis(), text.trim().to_owned()));
        }
    };
    hear(&mut replay, began);
    let greeted = replay.next_deadline().unwrap();
    hear(&mut replay, greeted);
    let asked = began + Duration::from_millis(1000);
    replay.receive(asked, b"AT+X\r");
    while let Some(due) = replay.next_deadline() {
        hear(&mut replay, due);
    }
    let expected = [(30, "RDY"), (1200, "OK"), (4200, "RING")];
    assert_eq!(heard, expected.map(|(at, text)| (at, text.to_owned())));
}

/// An echo that was recorded without its secrets is that of the line that is sent.
#[test]
fn a_secret_is_echoed_as_it_is_said() {
    let text = "> AT+CPIN=\"0000\"\\r\n< AT+CPIN=\"0000\"\\r\n< \\r\\nOK\\r\\n";
    let mut replay = Replay::new(&text.parse().unwrap());
    let now = bench::epoch();
    replay.receive(now, b"AT+CPIN=\"1234\"\r");
    let mut heard = Vec::new();
    while let Some(Chunk::Bytes(bytes)) = replay.poll_transmit(now) {
        heard.extend(bytes);
    }
    assert_eq!(heard, b"AT+CPIN=\"1234\"\r\r\nOK\r\n");
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(
        steps in vec(("[AT+;?=X0\r\n\"]{0,12}", 0u8..3), 0..12),
        host in vec("[AT+;?=X0\r\n\"]{0,12}", 0..12),
    ) {
        let steps = steps.into_iter().map(|(text, kind)| match kind {
            0 => TranscriptStep::ToModule(text.into()),
            1 => TranscriptStep::FromModule(text.into()),
            _ => TranscriptStep::Pass(Duration::from_millis(text.len() as u64)),
        });
        let mut replay = Replay::new(&Transcript { steps: steps.collect() });
        let mut now = bench::epoch();
        for bytes in host {
            replay.receive(now, bytes.as_bytes());
            while let Some(due) = replay.next_deadline() {
                prop_assert!(due >= now || replay.poll_transmit(now).is_some());
                now = now.max(due);
                while replay.poll_transmit(now).is_some() {}
            }
        }
    }
}
