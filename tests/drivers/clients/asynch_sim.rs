//! The async client against the simulator, on paused time.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use m26_pay::alipay::{
    BusinessNo, DeviceId, Held, Open, Opened, Report, Sign, SignData, SignMode, TradeResult,
};
use m26_pay::amount::Amount;
use m26_pay::asynch;
use m26_pay::at::command::{Command, DecodeError, InvalidCommand};
use m26_pay::at::command::{CommandLine, Reply, Request};
use m26_pay::at::profile::Profile;
use m26_pay::engine::{Certainty, EarlierProgram, Event, Settings};
use m26_pay::error::ErrorKind;
use m26_pay::flows::Synchronise;
use m26_pay::m26::{ReadImei, ReadSignal};
use m26_pay::sim::Order;
use m26_pay::sim::faults::Faulty;
use m26_pay::sim::modem::{self, Modem};
use support::asynch_line::{self, start};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

fn report(business_no: &str) -> Report {
    let amount = Amount::from_fen(1025).unwrap();
    let report = Report::of(amount, TradeResult::Success, 1_548_811_777);
    let report = report.business_no(BusinessNo::new(business_no).unwrap()).time_consuming(2);
    report.build().unwrap()
}

fn sample(profile: &Profile) -> modem::ModemSettings {
    let settings = match profile.result_before_ok {
        true => modem::ModemSettings::luat(),
        false => modem::ModemSettings::default(),
    };
    modem::ModemSettings { config: Some(modem::ModemConfig::sample()), ..settings }
}

#[tokio::test(start_paused = true)]
async fn the_same_flow_and_the_same_commands_on_both_profiles() {
    for profile in [Profile::quectel(), Profile::luat()] {
        let modem = Modem::new(sample(&profile));
        let (client, _events, line) = start(modem, Settings::new(profile));
        client.run(Synchronise::default()).await.unwrap();
        assert_eq!(client.send(&Open).await.unwrap(), Opened::Now);
        assert_eq!(client.send(&Open).await.unwrap(), Opened::Already);
        let biz_tid = client.send(&DeviceId).await.unwrap().unwrap();
        let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890").unwrap())
            .amount(Amount::from_fen(1025).unwrap())
            .for_device(biz_tid);
        let signed = client.send(&sign).await.unwrap();
        let expected = Modem::expected_signature(4, "1234567890", "10.25");
        assert!(signed.expose().contains(&expected));
        assert_eq!(client.send(&report("1")).await.unwrap(), Held::Stored);
        drop(client);
        assert!(line.driver.await.unwrap().is_ok(), "the driver ends with its last handle");
    }
}

#[tokio::test(start_paused = true)]
async fn many_tasks_get_their_own_answers() {
    let (client, _events, line) =
        start(Modem::new(modem::ModemSettings::default()), Settings::default());
    client.run(Synchronise::default()).await.unwrap();
    let imei = client.send(&ReadImei).await.unwrap();
    let tasks: Vec<_> = (0..200)
        .map(|task| {
            let (client, imei) = (client.clone(), imei.clone());
            tokio::spawn(async move {
                match task % 2 {
                    0 => assert_eq!(client.send(&ReadImei).await.unwrap(), imei),
                    _ => assert!(client.send(&ReadSignal).await.unwrap().dbm().is_some()),
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    drop(line);
}

/// An engine at a port where no earlier program can be due a result.
fn begun_long_ago() -> Settings {
    Settings { earlier: EarlierProgram::Ended, ..Settings::default() }
}

/// A command that shows in what order it was served.
struct Numbered(u32);

impl Command for Numbered {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        let line = CommandLine::set("+QIFGCNT").int(self.0).finish(profile)?;
        Ok(Request::new(line))
    }

    fn decode(&self, _: &Reply) -> Result<(), DecodeError> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn callers_are_served_in_order_and_a_full_queue_makes_them_wait() {
    let settings = Settings { queue_limit: 2, ..Settings::default() };
    let (client, _events, line) = start(Modem::new(modem::ModemSettings::default()), settings);
    let tasks: Vec<_> = (0..10)
        .map(|number| {
            let client = client.clone();
            tokio::spawn(async move {
                // Refused or not is the module's business; the order is ours.
                drop(client.send(&Numbered(number)).await);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let sent = line.sent();
    let order: Vec<_> = sent.split('\r').filter(|line| line.contains("QIFGCNT")).collect();
    let expected: Vec<_> = (0..10).map(|number| format!("AT+QIFGCNT={number}")).collect();
    assert_eq!(order, expected);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_leaves_its_answer_to_nobody() {
    let (client, mut events, line) =
        start(Faulty::new(Modem::new(sample(&Profile::quectel())), 1), begun_long_ago());
    client.run(Synchronise::default()).await.unwrap();
    client.send(&Open).await.unwrap();
    let sign = |data| Sign::new(SignMode::Withholding, SignData::new(data).unwrap());
    let by = Duration::from_secs(60);
    line.order(&Order::LateResult { prefix: "+ALIPAYSIGN".into(), by });
    {
        let first = sign("1111");
        let call = client.send(&first);
        // Long enough for OK, not for the result.
        assert!(tokio::time::timeout(Duration::from_secs(2), call).await.is_err());
    }
    // The late signature would be taken for this one.
    let error = client.send(&sign("2222")).await.unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Busy, Certainty::NotSent));
    // Other commands go on.
    client.send(&report("1")).await.unwrap();
    loop {
        if let Event::Late(line) = events.next().await.unwrap() {
            assert!(line.to_text().contains("+ALIPAYSIGN: 0,"), "{line:?}");
            break;
        }
    }
    let signed = client.send(&sign("2222")).await.unwrap();
    let expected = Modem::expected_signature(4, "2222", "");
    assert!(signed.expose().contains(&expected));
}

#[tokio::test(start_paused = true)]
async fn a_call_dropped_before_its_first_byte_is_never_sent() {
    let (client, _events, line) =
        start(Modem::new(modem::ModemSettings::default()), Settings::default());
    client.run(Synchronise::default()).await.unwrap();
    let (first, second) = (Numbered(1), Numbered(2));
    let mut first = Box::pin(client.send(&first));
    let mut second = Box::pin(client.send(&second));
    let poll = |cx: &mut Context<'_>| {
        assert!(first.as_mut().poll(cx).is_pending());
        assert!(second.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    };
    std::future::poll_fn(poll).await;
    drop(second);
    drop(first.await);
    client.send(&ReadSignal).await.unwrap();
    let sent = line.sent();
    assert!(sent.contains("AT+QIFGCNT=1\r") && !sent.contains("AT+QIFGCNT=2"), "{sent}");
}

#[tokio::test(start_paused = true)]
async fn an_unplugged_port_ends_everything_with_what_is_known() {
    for silent in [true, false] {
        let faulty = Faulty::new(Modem::new(sample(&Profile::quectel())), 1);
        let (client, mut events, line) = start(faulty, begun_long_ago());
        client.run(Synchronise::default()).await.unwrap();
        client.send(&Open).await.unwrap();
        if silent {
            line.order(&Order::MissingResult("+ALIPAYSIGN".into()));
        }
        let sign = Sign::new(SignMode::Withholding, SignData::new("1111").unwrap());
        let calls = async {
            tokio::join!(client.send(&sign), client.send(&DeviceId), async {
                tokio::time::sleep(Duration::from_millis(1)).await;
                line.order(&Order::HangUp(Duration::from_secs(60)));
            })
        };
        let (sign, device_id, ()) = calls.await;
        let (sign, device_id) = (sign.unwrap_err(), device_id.unwrap_err());
        assert_eq!((sign.kind(), sign.certainty()), (ErrorKind::Disconnected, Certainty::Unknown));
        // It waited for the signature's end.
        let known = (device_id.kind(), device_id.certainty());
        assert_eq!(known, (ErrorKind::Disconnected, Certainty::NotSent));
        let error = line.driver.await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Disconnected);
        let later = client.send(&ReadSignal).await.unwrap_err();
        let known = (later.kind(), later.certainty());
        assert_eq!(known, (ErrorKind::Disconnected, Certainty::NotSent));
        while let Some(event) = events.next().await {
            assert!(matches!(event, Event::Urc(_)), "{event:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_is_told_what_it_missed() {
    let (client, mut events, line) =
        start(Modem::new(modem::ModemSettings::default()), Settings::default());
    client.run(Synchronise::default()).await.unwrap();
    for number in 0..1500 {
        line.order(&Order::Urc(format!("+NEWS: {number}")));
    }
    tokio::time::sleep(Duration::from_secs(60)).await;
    client.send(&ReadSignal).await.unwrap();
    assert_eq!(events.next().await, Some(Event::Missed(1500 - 512)));
    for number in 1500 - 512..1500 {
        let Some(Event::Urc(line)) = events.next().await else { panic!() };
        assert_eq!(line.to_text(), format!("+NEWS: {number}"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_time_out_counts_from_the_first_byte() {
    let faulty = Faulty::new(Modem::new(modem::ModemSettings::default()), 1);
    let (client, _events, line) = start(faulty, Settings::default());
    client.run(Synchronise::default()).await.unwrap();
    line.order(&Order::Silent(Duration::from_secs(5)));
    let begun = asynch_line::now();
    let mut hasty = client.clone();
    hasty.set_timeout(Some(Duration::from_secs(1)));
    let error = hasty.send(&ReadSignal).await.unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::TimedOut, Certainty::Unknown));
    assert_eq!((asynch_line::now() - begun).as_secs(), 1);
    // The next one begins with a fence and is answered, once the module speaks again.
    client.send(&ReadSignal).await.unwrap();
}

/// A pipe that fails whoever flushes it: on a serial port that would block until the line has
/// drained.
struct Unflushable(tokio::io::DuplexStream);

impl AsyncRead for Unflushable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Unflushable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        panic!("flushed");
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        panic!("shut down");
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_is_flushed_and_an_error_ends_it() {
    let (host, mut module) = tokio::io::duplex(64);
    let settings = Settings { first_fence: Some(0), fence_number: Some(0), ..Settings::default() };
    let (client, _events, driver) = asynch::Client::connect(Unflushable(host), settings);
    let driver = tokio::spawn(driver);
    let answers = async {
        let mut buffer = [0; 64];
        for answer in [NUMBER, QUERY, SIGNAL] {
            assert!(module.read(&mut buffer).await.unwrap() > 0);
            module.write_all(answer).await.unwrap();
        }
    };
    let (signal, ()) = tokio::join!(client.send(&ReadSignal), answers);
    assert_eq!(signal.unwrap().dbm(), Some(-91));
    drop(module);
    assert_eq!(driver.await.unwrap().unwrap_err().kind(), ErrorKind::Disconnected);
}

#[tokio::test(start_paused = true)]
async fn nothing_wakes_an_idle_driver() {
    let (host, mut module) = tokio::io::duplex(4096);
    let settings = Settings { first_fence: Some(0), fence_number: Some(0), ..Settings::default() };
    let (client, _events, mut driver) = asynch::Client::connect(host, settings);
    let polls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&polls);
    tokio::spawn(std::future::poll_fn(move |cx| {
        counted.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut driver).poll(cx)
    }));
    // One exchange, with the fence before it, so that a timer was set.
    let answers = async {
        let mut buffer = [0; 64];
        for answer in [NUMBER, QUERY, SIGNAL] {
            assert!(module.read(&mut buffer).await.unwrap() > 0);
            module.write_all(answer).await.unwrap();
        }
    };
    let (signal, ()) = tokio::join!(client.send(&ReadSignal), answers);
    assert_eq!(signal.unwrap().dbm(), Some(-91));
    let after = polls.load(Ordering::Relaxed);
    // The timer goes off once where the deadline of the last command would have been.
    tokio::time::sleep(Duration::from_secs(60)).await;
    let before = polls.load(Ordering::Relaxed);
    assert!(before <= after + 1, "{before} and {after}");
    tokio::time::sleep(Duration::from_secs(1_000_000)).await;
    assert_eq!(polls.load(Ordering::Relaxed), before);
}

/// The fence with a number is refused.
const NUMBER: &[u8] = b"ATS100000000?\r\r\nERROR\r\n";
const QUERY: &[u8] = b"AT+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n";
const SIGNAL: &[u8] = b"AT+CSQ\r\r\n+CSQ: 11,0\r\n\r\nOK\r\n";

/// The port takes four bytes and no more.
#[tokio::test(start_paused = true)]
async fn a_port_that_takes_nothing_holds_no_driver_whose_handles_are_gone() {
    let (host, _module) = tokio::io::duplex(4);
    let (client, _events, driver) = asynch::Client::connect(host, Settings::default());
    let driver = tokio::spawn(driver);
    let asked = tokio::time::timeout(Duration::from_millis(10), client.send(&ReadSignal)).await;
    assert!(asked.is_err());
    drop(client);
    let ended = tokio::time::timeout(Duration::from_secs(60), driver).await;
    assert!(ended.is_ok(), "it works for nobody");
}
