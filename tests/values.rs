//! What is printed and serialised, what can be read back, and that no secret is written.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::time::Duration;

use m26_pay::advice::{Advice, Language};
use m26_pay::alipay::{
    BusinessNo, Config, Environment, Held, HumanVerify, Opened, QrCode, Report, TradeResult,
};
use m26_pay::at::command::DecodeError;
use m26_pay::at::line::Line;
use m26_pay::at::result::{CmeCode, Explanation, FinalResult};
use m26_pay::engine::{self, Certainty, ExchangeError};
use m26_pay::error::{Error, ErrorKind, Stage};
use m26_pay::flows::Configured;
use m26_pay::m26::{NetworkStatus, Registration, SetAccessPoint, Signal};
use m26_pay::secret::Secret;
use m26_pay::serial::{SerialSettings, UsbPort};
use m26_pay::session::{self, Backoff, Plan, Restart, State, Transition};
use m26_pay::unix_time::UnixMillis;
use m26_pay::{Amount, Profile, Settings};
use serde_json::{Value, from_value, json, to_value};

fn config() -> Config {
    Config {
        device_supplier_no: "20180001".parse().unwrap(),
        merchant_user_id: "2088000000000000".parse().unwrap(),
        item_id: "2018".parse().unwrap(),
        product_key: "a key that is kept".parse().unwrap(),
        env: Environment::TEST,
        terminal_id: "till 1".parse().unwrap(),
    }
}

#[test]
fn values_come_back() {
    let amount: Amount = "10.25".parse().unwrap();
    assert_eq!(to_value(amount).unwrap(), json!("10.25"));
    assert_eq!(from_value::<Amount>(json!("100000000")).unwrap(), Amount::MAX);
    // Fen or yuan? A number does not say it.
    assert!(from_value::<Amount>(json!(1025)).is_err());
    let error = from_value::<Amount>(json!("1.005")).unwrap_err().to_string();
    assert!(error.contains("position 4"), "{error}");

    let time = UnixMillis(1_548_811_777_000);
    assert_eq!(to_value(time).unwrap(), json!(1_548_811_777_000_i64));
    assert_eq!(from_value::<UnixMillis>(json!(1_548_811_777_000_i64)).unwrap(), time);
    assert_eq!(to_value(TradeResult::Success).unwrap(), json!("Success"));
    let verify = HumanVerify::QR_CODE | HumanVerify::NFC;
    assert_eq!(from_value::<HumanVerify>(to_value(verify).unwrap()).unwrap(), verify);
    let adapter = UsbPort { vid: 0x0403, pid: 0x6001, serial: Some("A1".into()) };
    assert_eq!(from_value::<UsbPort>(to_value(&adapter).unwrap()).unwrap(), adapter);
}

#[test]
fn secrets_are_read_and_never_written() {
    let written = to_value(config()).unwrap();
    assert_eq!(written["product_key"], "[redacted]");
    assert_eq!(written["terminal_id"], "till 1");
    // What was written holds no key, so it must not become one.
    let error = from_value::<Config>(written.clone()).unwrap_err().to_string();
    assert!(error.contains("product_key is redacted"), "{error}");

    let mut filed = written;
    filed["product_key"] = "a key that is kept".into();
    assert_eq!(from_value::<Config>(filed.clone()).unwrap(), config());
    filed["product_key"] = "a \"key\" that is kept".into();
    let error = from_value::<Config>(filed).unwrap_err().to_string();
    assert!(error.contains("quote at position 2") && !error.contains("kept"), "{error}");

    assert_eq!(to_value(Secret::new([1, 2, 3])).unwrap(), json!("[redacted]"));
    let point = SetAccessPoint::new("CMNET".parse().unwrap())
        .account("user".parse().unwrap(), "password".parse().unwrap());
    assert!(!to_value(&point).unwrap().to_string().contains("password"));
}

#[test]
fn a_report_is_checked_when_it_is_read() {
    let report = Report::of("10.25".parse().unwrap(), TradeResult::Success, 1_548_811_777)
        .business_no(BusinessNo::new("20190129").unwrap())
        .qr_code(QrCode::new("284612345678901234").unwrap())
        .time_consuming(2)
        .build()
        .unwrap();
    let mut written = to_value(&report).unwrap();
    assert_eq!(written["amount"], "10.25");
    let text = written.to_string();
    assert!(!text.contains("20190129") && !text.contains("2846"), "{text}");
    written["business_no"] = "20190129".into();
    written["qr_code"] = "284612345678901234".into();
    assert_eq!(from_value::<Report>(written.clone()).unwrap(), report);
    written["business_no"] = Value::Null;
    let error = from_value::<Report>(written).unwrap_err().to_string();
    assert!(error.contains("business_no is needed"), "{error}");
}

#[test]
fn a_plan_names_only_what_differs() {
    let plan: Plan = from_value(json!({
        "access_point": { "apn": "CMNET", "account": null },
        "time_server": "ntp1.aliyun.com",
        "restart": "PowerOff",
        "backoff": { "seed": 7 },
    }))
    .unwrap();
    assert_eq!(plan.restart, Restart::PowerOff);
    assert_eq!((plan.backoff.seed, plan.backoff.factor), (7, Backoff::default().factor));
    assert_eq!(plan.settle, Plan::default().settle);
    let again: Plan = from_value(to_value(&plan).unwrap()).unwrap();
    assert_eq!(format!("{again:?}"), format!("{plan:?}"));
    let error = from_value::<Plan>(json!({ "restarts": "Never" })).unwrap_err().to_string();
    assert!(error.contains("restarts"), "{error}");
}

#[test]
fn settings_name_their_profile() {
    let settings = Settings { queue_limit: 7, ..Settings::new(Profile::luat()) };
    let written = to_value(&settings).unwrap();
    assert_eq!(written["profile"], "luat");
    let read: Settings = from_value(written).unwrap();
    assert_eq!((read.queue_limit, &read.profile), (7, &settings.profile));
    let own = Profile { overlap: true, ..Profile::quectel() };
    assert!(
        to_value(Settings::new(own)).unwrap_err().to_string().contains("not one of this crate")
    );
    assert!(from_value::<Settings>(json!({ "profile": "another" })).is_err());
    let serial: SerialSettings = from_value(json!({ "baud": 9600 })).unwrap();
    assert_eq!(serial, SerialSettings { baud: 9600 });
}

#[test]
fn events_show_no_more_than_a_log() {
    let secret = Line::new("LIPAYCFG=\"2018\",\"a key\"");
    for event in [
        engine::Event::Malformed(secret.clone()),
        engine::Event::Late(Line::new("+ALIPAYSIGN: 0,5,\"a key\"")),
        engine::Event::Stray(secret),
    ] {
        let printed = event.to_string();
        let written = to_value(session::SessionEvent::Module(event)).unwrap().to_string();
        for text in [printed, written] {
            assert!(!text.contains("a key") && text.contains("bytes"), "{text}");
        }
    }
    let transition =
        Transition { from: State::Opening, to: State::Ready, reason: "it was opened".into() };
    let written = to_value(session::SessionEvent::Transition(transition)).unwrap();
    assert_eq!(
        written,
        json!({ "Transition": { "from": "Opening", "to": "Ready", "reason": "it was opened" } })
    );
    assert_eq!(to_value(ExchangeError::Silent).unwrap(), json!(ExchangeError::Silent.to_string()));
}

#[test]
fn what_a_program_shows_is_readable() {
    let signal = Signal { rssi: 11, ber: 0 };
    let status = NetworkStatus { gsm: Registration::UNKNOWN, gprs: Registration::UNKNOWN, signal };
    for (shown, text) in [
        (Held::RamOnly.to_string(), "held by the module in memory alone"),
        (Opened::Already.to_string(), "the SDK was open already"),
        (TradeResult::Unavailable.to_string(), "-1 (the outcome could not be obtained)"),
        (status.to_string(), "network: 4 (unknown), packet data: 4 (unknown), -91 dBm"),
        (Signal::UNKNOWN.to_string(), "signal not known"),
        (ErrorKind::TimedOut.to_string(), "timed-out"),
        (engine::Event::Urc(Line::new("RDY")).to_string(), "line [3 bytes]"),
        (session::SessionEvent::Missed(3).to_string(), "3 events were dropped: nobody read them"),
    ] {
        assert_eq!(shown, text);
    }
    let differ = Configured::Differs { fields: vec!["item_id", "env"] };
    assert!(differ.to_string().ends_with("another item_id, env"), "{differ}");
}

#[test]
fn health_is_written() {
    let open = || Err::<m26_pay::blocking::SerialPort, _>(std::io::Error::other("none").into());
    let mut session = m26_pay::Session::new(open, Plan::default(), Settings::default());
    let _ = session.next_event(Some(Duration::ZERO));
    let written = to_value(session.health()).unwrap();
    assert_eq!(written["counters"]["ready"], 0);
    assert!(written["state"].is_string() && written["signal"]["rssi"] == 99, "{written}");
}

#[cfg(feature = "outbox")]
#[test]
fn an_outbox_policy_names_only_what_differs() {
    use m26_pay::outbox::{Limits, OutboxPolicy, Parking, Reached, Resend};

    let policy: OutboxPolicy = from_value(json!({
        "backoff": { "seed": 7 },
        "resend": "ThisBoot",
        "limits": { "waiting": 500, "reached": "DropOldest" },
        "parking": { "failures": 3 },
    }))
    .unwrap();
    let default = OutboxPolicy::default();
    assert_eq!((policy.backoff.seed, policy.resend), (7, Resend::ThisBoot));
    let limits = Limits { waiting: Some(500), reached: Reached::DropOldest, ..Limits::default() };
    assert_eq!(policy.limits, limits);
    assert_eq!(policy.parking, Some(Parking { failures: 3, ..Parking::default() }));
    assert_eq!((policy.batch, policy.usage_every), (default.batch, default.usage_every));
    let again: OutboxPolicy = from_value(to_value(&policy).unwrap()).unwrap();
    assert_eq!(format!("{again:?}"), format!("{policy:?}"));
    for unknown in [json!({ "limit": 1 }), json!({ "limits": { "wait": 1 } })] {
        assert!(from_value::<OutboxPolicy>(unknown).unwrap_err().to_string().contains("unknown"));
    }
}

#[cfg(feature = "outbox")]
#[test]
fn what_an_outbox_holds_is_written_without_the_trades() {
    use m26_pay::outbox::{Outbox, OutboxPolicy};

    let folder = tempfile::tempdir().unwrap();
    let outbox = Outbox::open(folder.path().join("outbox.db"), OutboxPolicy::default()).unwrap();
    let report = Report::of("10.25".parse().unwrap(), TradeResult::Success, 1_548_811_777)
        .business_no(BusinessNo::new("20190129").unwrap())
        .time_consuming(2)
        .build()
        .unwrap();
    outbox.append(&report).unwrap();
    let written = to_value(outbox.summary()).unwrap();
    assert_eq!(written["reports"]["pending"], 1);
    assert_eq!((&written["dropped"], &written["payments"]["held"]), (&json!(0), &json!(0)));
    assert_eq!(written["usage"]["unreported"]["scans"], 0);
    assert!(!written.to_string().contains("20190129"), "{written}");
}

/// An identifier is for ever: programs branch on it, and manuals name it. One that is new is added
/// to the list, and none is taken out.
#[test]
fn every_advice_has_its_sentences_and_an_identifier_that_stays() {
    let mut ids: Vec<&str> = Advice::all().map(Advice::id).collect();
    ids.sort_unstable();
    let listed: Vec<&str> = include_str!("advice.txt").lines().collect();
    assert_eq!(ids, listed, "tests/advice.txt lists the identifiers, in the order of the alphabet");
    ids.dedup();
    assert_eq!(ids.len(), listed.len(), "an identifier stands for two");

    for advice in Advice::all() {
        let id = advice.id();
        assert!(id.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{id}");
        for language in Language::ALL {
            for sentence in [advice.cashier(language), advice.technician(language)] {
                let chinese = sentence.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
                // The names of Alipay's keys are Chinese, in English too.
                let quotes = ["公钥", "证书"].iter().any(|name| sentence.contains(name));
                let fits = match language {
                    Language::Chinese => chinese && sentence.ends_with('。'),
                    Language::English => (!chinese || quotes) && sentence.ends_with('.'),
                };
                assert!(fits, "{id}: {sentence}");
                assert!(sentence.chars().count() <= 240, "{id} is long: {sentence}");
            }
        }
        let [chinese, english] = Language::ALL;
        assert!(advice.cashier(english).len() <= 120, "{id}: a till's screen is small");
        assert!(advice.cashier(chinese).chars().count() <= 60, "{id}: a till's screen is small");
        assert_eq!(to_value(advice).unwrap(), json!(id));
    }
}

#[test]
fn an_error_says_what_it_means_for_the_money() {
    let io = |kind: std::io::ErrorKind| Error::from(std::io::Error::from(kind)).advice().id();
    assert_eq!(io(std::io::ErrorKind::PermissionDenied), "port-permission");
    assert_eq!(io(std::io::ErrorKind::NotFound), "port-missing");
    assert_eq!(io(std::io::ErrorKind::ResourceBusy), "port-busy");
    assert_eq!(io(std::io::ErrorKind::Other), "port-failed");

    let error = Error::Failed(ExchangeError::Disconnected(Certainty::Unknown));
    assert_eq!(error.advice().id(), "port-lost");
    assert_eq!(Stage::Signing.money(error.certainty()).id(), "money-sign-unknown");
    assert_eq!(Stage::Reporting.money(error.certainty()).id(), "money-report-unknown");

    let failed = |command, code| {
        Error::Decode(DecodeError::Result { command, code, meaning: "" }).advice().id()
    };
    assert_eq!(failed("AT+ALIPAYREP", 6), "report-queue-full");
    assert_eq!(failed("AT+ALIPAYREP", 2), "sdk-not-open");
    assert_eq!(failed("AT+ALIPAYSIGN", -1), "sign-failed");
    assert_eq!(failed("AT+ALIPAYOPEN", -1), "open-failed");

    for (cme, id) in
        [(10, "sim-missing"), (11, "sim-locked"), (30, "network-refused"), (3, "command-refused")]
    {
        let refused = FinalResult::Cme(Explanation::Code(CmeCode(cme)));
        assert_eq!(Error::Failed(ExchangeError::Refused(refused)).advice().id(), id);
    }
}
