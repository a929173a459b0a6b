//! What is allocated: nothing in framing and typing, nothing in an exchange of short lines, and little in
//! a command of the async client.
#![allow(clippy::panic, clippy::unwrap_used, reason = "these are tests, the helpers too")]

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use allocation_counter::measure;
use m26_pay::alipay::COUNTED;
use m26_pay::asynch::Client;
use m26_pay::at::command::Command as _;
use m26_pay::at::line::{Frame, LineSplitter};
use m26_pay::at::profile::Profile;
use m26_pay::campus::charset::Encoding;
use m26_pay::campus::layout::{Card, Layout};
use m26_pay::campus::layouts::{CodeContents, Layouts};
use m26_pay::campus::template::Template;
use m26_pay::campus::user_data::Name;
use m26_pay::engine::{EarlierProgram, Event, Output, Settings};
use m26_pay::m26::ReadSignal;
use m26_pay::urc::Urc;
use support::bench::Bench;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

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
fn an_exchange_of_short_lines_allocates_nothing() {
    let profile = Profile::quectel();
    let mut bench = Bench::ready(profile.clone());
    let exchange = |bench: &mut Bench| {
        let request = ReadSignal.request(&profile).unwrap();
        bench.engine.submit(bench.now, request).unwrap();
        let count = bench.engine.transmit().len();
        bench.engine.transmitted(bench.now, count);
        bench.engine.handle_input(bench.now, b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n");
        let output = bench.engine.poll_output();
        let Output::Event(Event::Done { outcome: Ok(reply), .. }) = output else {
            panic!("{output:?}")
        };
        ReadSignal.decode(&reply).unwrap().rssi
    };
    // The box of the exchange before is used again.
    exchange(&mut bench);
    let mut rssi = 0;
    let allocated = measure(|| rssi = exchange(&mut bench));
    assert_eq!((allocated.count_total, rssi), (0, 11), "{allocated:?}");
}

#[test]
fn a_command_of_the_async_client_allocates_once() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let settings = Settings {
        earlier: EarlierProgram::Ended,
        first_fence: Some(0),
        // The module does not echo, so the fence that waits for its echo is given up.
        fence: std::time::Duration::from_millis(20),
        ..Settings::default()
    };
    let (client, _events, driver) =
        runtime.block_on(async { Client::connect(Answering::default(), settings) });
    let driver = runtime.spawn(driver);
    let commands = |count: usize| {
        runtime.block_on(async {
            for _ in 0..count {
                assert_eq!(client.send(&ReadSignal).await.unwrap().rssi, 11);
            }
        });
    };
    // The channel to the driver takes memory for its first commands, and uses it again.
    commands(100);
    let allocated = measure(|| commands(100));
    assert_eq!(allocated.count_total, 100, "{allocated:?}");
    assert!(!driver.is_finished());
}

/// A module in memory that answers each line at once. Its answers take no memory.
#[derive(Default)]
struct Answering {
    says: &'static [u8],
    reader: Option<Waker>,
}

impl AsyncRead for Answering {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.says.is_empty() {
            self.reader = Some(cx.waker().clone());
            return Poll::Pending;
        }
        buffer.put_slice(std::mem::take(&mut self.says));
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Answering {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.says = match bytes {
            b"AT+CSQ\r" => b"\r\n+CSQ: 11,0\r\n\r\nOK\r\n",
            b"AT+CMEE?\r" => b"\r\n+CMEE: 1\r\n\r\nOK\r\n",
            b"AT+IFC?\r" => b"\r\n+IFC: 0,0\r\n\r\nOK\r\n",
            _ => b"\r\nERROR\r\n",
        };
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_user_data_allocates_nothing_but_a_name_that_is_decoded() {
    let layouts = Layouts::provisional();
    for (encoding, name, expected) in [
        (Encoding::GB2312, "李小明", 1),
        (Encoding::GB2312, "Li Xiaoming", 0),
        (Encoding::UTF_8, "李小明", 0),
    ] {
        let card = Card { student_name: name.into(), ..Card::sample() };
        let bytes = Layout::TEMPLATE_5.encode(&card, encoding).unwrap();
        let mut read = None;
        let allocated = measure(|| {
            let contents = layouts.read(Template::FIVE, encoding, &bytes);
            let Ok(CodeContents::Known(data)) = contents else { panic!("{contents:?}") };
            let fields =
                [data.identify_id(), data.card_status(), data.student_no(), data.extinfos()];
            assert!(fields.iter().all(Option::is_some));
            assert_eq!(data.school_no(), Some(card.school_no));
            assert_eq!(data.card_type(), Some(card.card_type));
            read = data.student_name().unwrap();
        });
        assert_eq!(read.as_ref().and_then(Name::text), Some(name));
        assert_eq!(allocated.count_total, expected, "{encoding} {allocated:?}");
        // What is wrong is said without allocating either.
        let allocated = measure(|| {
            for length in 0..bytes.len() {
                assert!(layouts.read(Template::FIVE, encoding, &bytes[..length]).is_err());
            }
        });
        assert_eq!(allocated.count_total, 0, "{encoding}");
    }
}
