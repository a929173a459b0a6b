//! The commands through the blocking client, against the simulated module, on both profiles.

#![expect(clippy::unwrap_used, reason = "the helpers of these tests are tests too")]

use std::time::Duration;

use m26_pay::alipay::{
    BusinessNo, Config, DeviceId, Environment, Held, HumanVerify, Open, Opened, ProductInfo,
    ReadConfig, ReadQueue, Report, ReportUsage, Shut, Sign, SignData, SignMode, SignedData,
    TestCommand, TradeResult,
};
use m26_pay::amount::Amount;
use m26_pay::at::profile::Profile;
use m26_pay::blocking::Client;
use m26_pay::engine::{Certainty, EarlierProgram, Event, Settings};
use m26_pay::error::ErrorKind;
use m26_pay::flows::Synchronise;
use m26_pay::flows::{BringUp, Configure, Configured};
use m26_pay::m26::{
    BaudRate, Echo, ErrorFormat, PowerOff, Raw, ReadBaudRate, ReadErrorFormat, ReadIccid, ReadImei,
    ReadImsi, ReadNetworkStatus, ReadSim, SaveProfile, SetAccessPoint, SetBaudRate, SimState,
};
use m26_pay::sim::modem::{self, Modem};
use m26_pay::sim::virtual_port::VirtualPort;

type Connection = Client<VirtualPort<Modem>>;

/// Each profile with a module that has its habits.
fn both(test: impl Fn(&mut Connection)) {
    for (profile, module) in [
        (Profile::quectel(), modem::ModemSettings::default()),
        (Profile::luat(), modem::ModemSettings::luat()),
    ] {
        let port = VirtualPort::new(Modem::new(module));
        let settings = Settings { profile, earlier: EarlierProgram::Ended, ..Settings::default() };
        test(&mut Client::connect(port, settings));
    }
}

fn config() -> Config {
    Config {
        device_supplier_no: "2018040500703640".parse().unwrap(),
        merchant_user_id: "2018040500703640".parse().unwrap(),
        item_id: "2018070401748657".parse().unwrap(),
        product_key: "ALIPAY_BOX".parse().unwrap(),
        env: Environment::TEST,
        terminal_id: "1234567890abcdef".parse().unwrap(),
    }
}

fn bring_up() -> BringUp {
    BringUp::default()
        .access_point(SetAccessPoint::new("CMNET".parse().unwrap()))
        .time_server("ntp1.aliyun.com".parse().unwrap())
}

/// The spec's chapter 4.
#[test]
fn the_specs_example() {
    both(|client| {
        let found = client.run(bring_up()).unwrap();
        assert_eq!(found.identity.model, "Quectel_M26");
        assert!(found.gprs.status.is_registered() && found.clock.is_some());
        let status = client.send(&ReadNetworkStatus).unwrap();
        assert!(status.gsm.status.is_registered());

        let done = client.run(Configure::new(config())).unwrap();
        assert!(matches!(done, Configured::Set { changed } if changed.len() == 6));
        assert_eq!(client.run(Configure::new(config())).unwrap(), Configured::Unchanged);
        let stored = client.send(&ReadConfig).unwrap();
        assert_eq!(stored.module_supplier_no.as_deref(), Some("201901220900654009"));

        assert_eq!(client.send(&Open).unwrap(), Opened::Now);
        assert_eq!(client.send(&Open).unwrap(), Opened::Already);
        let info = ProductInfo::new(HumanVerify::QR_CODE).unwrap();
        assert_eq!(client.send(&info).unwrap(), Held::Stored);
        let mut biz_tid = None;
        for _ in 0..100 {
            biz_tid = client.send(&DeviceId).unwrap();
            if biz_tid.is_some() {
                break;
            }
            let _ = client.next_event(Some(Duration::from_secs(1)));
        }
        let biz_tid = biz_tid.unwrap();

        let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890").unwrap())
            .amount("10.25".parse().unwrap())
            .for_device(biz_tid.clone());
        let signed = client.send(&sign).unwrap();
        assert_eq!(signed.get("bizTid").as_deref(), Some(biz_tid.as_str()));
        assert_eq!(signed.get("signature"), own_signature(&signed, "1234567890"));
        let other = sign.for_device("0101".parse().unwrap());
        assert_eq!(client.send(&other).unwrap_err().kind(), ErrorKind::Mismatch);

        let amount = Amount::from_fen(1025).unwrap();
        let paid = Report::of(amount, TradeResult::Success, 1_548_811_777)
            .business_no(BusinessNo::new("2019012922001450181015731428").unwrap())
            .time_consuming(2)
            .build()
            .unwrap();
        assert_eq!(client.send(&paid).unwrap(), Held::Stored);
        let cash = Report::of(amount, TradeResult::Unsupported, 1_548_811_777).build().unwrap();
        assert_eq!(client.send(&cash).unwrap(), Held::Stored);
        assert!(client.send(&ReadQueue).unwrap().max_record > 0);
        let used = ReportUsage { broadcasts: 3, scans: 5 };
        assert_eq!(client.send(&used).unwrap(), Held::Stored);
        for test in TestCommand::all() {
            client.send(&test).unwrap();
        }
        client.send(&Shut).unwrap();
        client.send(&PowerOff::Normal).unwrap();
    });
}

#[test]
fn what_the_module_says_of_itself() {
    both(|client| {
        let found = client.run(bring_up()).unwrap();
        assert_eq!(client.send(&ReadSim).unwrap(), SimState::Ready);
        assert_eq!(client.send(&ReadErrorFormat).unwrap(), ErrorFormat::Numeric);
        assert_eq!(client.send(&ReadImei).unwrap().as_str().len(), 15);
        assert_eq!(client.send(&ReadImsi).unwrap().expose().len(), 15);
        let iccid = client.send(&ReadIccid::Ccid).unwrap();
        assert_eq!(client.send(&ReadIccid::Qccid).unwrap(), iccid);
        client.send(&SetBaudRate(BaudRate::B115200)).unwrap();
        assert_eq!(client.send(&ReadBaudRate).unwrap(), BaudRate::B115200);
        client.send(&SaveProfile).unwrap();
        client.send(&Echo(true)).unwrap();
        assert!(found.signal.dbm().is_some());
        let answer = client.send(&Raw::new("AT+CSQ;+CREG?")).unwrap();
        assert_eq!(answer.lines.len(), 2);
    });
}

#[test]
fn refusals_in_the_wrong_state() {
    both(|client| {
        client.run(Synchronise::default()).unwrap();
        let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890").unwrap());
        let error = client.send(&sign).unwrap_err();
        let kinds = [ErrorKind::Refused, ErrorKind::Result];
        assert!(kinds.contains(&error.kind()), "{error}");
        let error = client.send(&Raw::new("AT+NONSENSE")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused);
        // A raw command's result is nobody's, and stays so.
        client.send(&Raw::new("AT+ALIPAYSIGN=?")).unwrap();
        client.send(&ReadNetworkStatus).unwrap();
    });
}

#[test]
fn echo_that_a_raw_line_brought_back_is_no_reset() {
    both(|client| {
        client.run(Synchronise::default()).unwrap();
        client.send(&Raw::new("ATE1")).unwrap();
        client.send(&ReadNetworkStatus).unwrap();
        client.send(&ReadImei).unwrap();
    });
}

#[test]
fn a_signature_that_a_raw_line_caused_is_credited_to_nobody() {
    let port = VirtualPort::new(Modem::new(modem::ModemSettings::default()));
    // No earlier program is due a result.
    let settings = Settings { earlier: EarlierProgram::Ended, ..Settings::default() };
    let mut client = Client::connect(port, settings);
    client.run(bring_up()).unwrap();
    client.run(Configure::new(config())).unwrap();
    client.send(&Open).unwrap();
    while client.send(&DeviceId).unwrap().is_none() {
        let _ = client.next_event(Some(Duration::from_secs(1)));
    }
    client.send(&Raw::new("AT+ALIPAYSIGN=4,\"1111\",\"99.99\"")).unwrap();
    let sign = Sign::new(SignMode::Withholding, SignData::new("2222").unwrap())
        .amount("10.25".parse().unwrap());
    let error = client.send(&sign).unwrap_err();
    assert_eq!((error.kind(), error.certainty()), (ErrorKind::Busy, Certainty::NotSent));
    while let Some(event) = client.next_event(Some(Duration::from_secs(30))).unwrap() {
        if matches!(event, Event::Urc(line) if line.view().args_of("+ALIPAYSIGN").is_some()) {
            break;
        }
    }
    let signed = client.send(&sign).unwrap();
    assert_eq!(signed.get("signature"), own_signature(&signed, "2222"));
}

/// The signature of this request, made when the data say.
fn own_signature(signed: &SignedData, data: &str) -> Option<String> {
    let time = signed.get("time")?.parse().ok()?;
    Some(Modem::signature_at(SignMode::Withholding as u8, data, "10.25", time))
}
