//! The async client against the simulator, on paused time.

#[path = "asynch_line/mod.rs"]
mod asynch_line;

use std::time::Duration;

use asynch_line::{Line, start};
use m26_pay::alipay::device_id::DeviceId;
use m26_pay::alipay::open::{Open, Opened};
use m26_pay::alipay::report::{BusinessNo, Report, TradeResult};
use m26_pay::alipay::sign::{Sign, SignData, SignMode};
use m26_pay::alipay::status::Held;
use m26_pay::amount::Amount;
use m26_pay::asynch;
use m26_pay::at::command::{CommandLine, Reply, Request};
use m26_pay::at::command::{Command, DecodeError, Unsendable};
use m26_pay::engine::{Certainty, Event, Settings};
use m26_pay::error::ErrorKind;
use m26_pay::m26::bring_up::Synchronise;
use m26_pay::m26::identity::ReadImei;
use m26_pay::m26::signal::ReadSignal;
use m26_pay::profile::Profile;
use m26_pay::sim::modem::{self, Modem};
use m26_pay::sim::{Device, Order};

fn report(business_no: &str) -> Report {
    let amount = Amount::from_fen(1025).unwrap();
    let report = Report::of(amount, TradeResult::Success, 1_548_811_777);
    let report = report.business_no(BusinessNo::new(business_no).unwrap()).time_consuming(2);
    report.build().unwrap()
}

fn sample(profile: &Profile) -> modem::Settings {
    let settings = match profile.result_before_ok {
        true => modem::Settings::luat(),
        false => modem::Settings::default(),
    };
    modem::Settings { config: Some(modem::Config::sample()), ..settings }
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
    let (client, _events, line) = start(Modem::new(modem::Settings::default()), Settings::default());
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

/// A command that shows in what order it was served.
struct Numbered(u32);

impl Command for Numbered {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, Unsendable> {
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
    let (client, _events, line) = start(Modem::new(modem::Settings::default()), settings);
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
        start(Modem::new(sample(&Profile::quectel())), Settings::default());
    client.run(Synchronise::default()).await.unwrap();
    client.send(&Open).await.unwrap();
    let sign = |data| Sign::new(SignMode::Withholding, SignData::new(data).unwrap());
    line.device().command(asynch_line::now(), &"SIGN late".parse_order());
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
