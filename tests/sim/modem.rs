//! The simulated module, on virtual time.

use m26_pay::sim::faults::{Faults, Faulty};
use m26_pay::sim::modem::{Modem, ModemConfig, ModemSettings, NtpSpelling, Start};
use m26_pay::sim::pace::Paced;
use m26_pay::sim::{CardState, NetworkState, Order};
use proptest::prelude::*;
use support::sim_line::{Line, ms, opened, quiet, secs};

const REPORT: &str = "AT+ALIPAYREP=\"2019012922001450181015731428\",,1025,2,0,1548811777";
const SIGN: &str = "AT+ALIPAYSIGN=4,\"1234567890\",\"10.25\"";
const BIZ_TID: &str = "010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw";

fn module(settings: ModemSettings) -> Line<Modem> {
    Line::new(Modem::new(settings))
}

/// The spec's payload, with the simulator's signature in place of Alipay's and the time at which
/// the simulated module signed.
fn payload(mode: u8, data: &str, amount: &str, time: u64) -> String {
    let signature = Modem::signature_at(mode, data, amount, time);
    let total_amount = if amount.is_empty() { "" } else { "totalAmount," };
    format!(
        "{{\"terminalType\":\"IOT\",\"signature\":\"{signature}\",\
         \"apdidToken\":\"JHRcvCf0ayAybxFkVeomX1-bYI7qvMvYwrmbrybKLep2ke4naAEAAA==\",\
         \"hardToken\":\"\",\"time\":\"{time}\",\"bizCode\":\"11000200040004000122\",\
         \"bizTid\":\"{BIZ_TID}\",\"signedKeys\":\"authCode,{total_amount}apdidToken,hardToken,\
         time,bizCode,bizTid\"}}"
    )
}

/// Section 4 of the spec, every byte of it.
#[test]
fn the_specs_conversation() {
    let mut line = module(ModemSettings { clock: 1_546_890_740, ..ModemSettings::default() });
    let config = "AT+ALIPAYCFG=\"2018040500703640\",\"2018040500703640\",\"2018070401748657\",\
                  \"ALIPAY_BOX\",4,\"1234567890abcdef\"";
    let signed = payload(4, "1234567890", "10.25", 1_546_890_790);
    assert_eq!(signed.len(), 369);
    let sign_result = format!("\r\nOK\r\n\r\n+ALIPAYSIGN: 0,369,\"{signed}\"\r\n");
    let did_result = format!("\r\nOK\r\n\r\n+ALIPAYDID: 0,\"{BIZ_TID}\"\r\n");
    let rep_result = "\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n";
    let conversation = [
        ("AT+QIFGCNT=0", "\r\nOK\r\n"),
        ("AT+QICSGP=1,\"CMNET\"", "\r\nOK\r\n"),
        (
            "AT+CREG?;+CGREG?;+CSQ",
            "\r\n+CREG: 0,1\r\n\r\n+CGREG: 0,1\r\n\r\n+CSQ: 11,0\r\n\r\nOK\r\n",
        ),
        ("AT+QNTTP=\"ntp1.aliyun.com\"", "\r\nOK\r\n\r\n+QNTTP: 0\r\n"),
        (config, "\r\nOK\r\n"),
        (
            "AT+ALIPAYCFG?",
            "\r\n+ALIPAYCFG:\r\n\" module_supplier_no\": \"201901220900654009\"\r\n\
             \"device_supplier_no\": \"2018040500703640\"\r\n\
             \"merchant_user_id\": \"2018040500703640\"\r\n\"item_id\": \"2018070401748657\"\r\n\
             \"product_key\": \"ALIPAY_BOX\"\r\n\"env\": 4\r\n\
             \"terminal_id\": \"1234567890abcdef\"\r\n\r\nOK\r\n",
        ),
        ("AT+ALIPAYOPEN", "\r\nOK\r\n\r\n+ALIPAYOPEN: 0\r\n"),
        ("AT+ALIPAYPINFO=1", "\r\nOK\r\n\r\n+ALIPAYPINFO: 0\r\n"),
        ("AT+ALIPAYDID", &did_result),
        ("AT", "\r\nOK\r\n"),
        (SIGN, &sign_result),
        (REPORT, rep_result),
        ("AT+ALIPAYREP=,,1025,,6,1548811777", rep_result),
    ];
    for (command, answer) in conversation {
        assert_eq!(line.ask(command), format!("{command}\r{answer}"));
    }
    assert_eq!(line.device.config(), Some(&ModemConfig::sample()));
    assert_eq!(line.device.human_verify(), Some(1));
}

#[test]
fn the_result_comes_after_ok_as_a_line_of_its_own_time() {
    let mut line = opened(quiet());
    line.send(format!("{SIGN}\r"));
    assert_eq!(line.hear(ms(10)), "\r\nOK\r\n");
    assert_eq!(line.hear(ms(349)), "");
    assert!(line.hear(ms(1)).starts_with("\r\n+ALIPAYSIGN: 0,369,\"{"));
}

#[test]
fn other_commands_pass_between_ok_and_result() {
    let mut line = opened(quiet());
    line.send(format!("{SIGN}\rAT+CSQ\r"));
    let heard = line.hear(secs(5));
    assert!(heard.starts_with("\r\nOK\r\n\r\n+CSQ: 11,0\r\n\r\nOK\r\n\r\n+ALIPAYSIGN: 0,369,"));
}

#[test]
fn luat_answers_before_ok() {
    let mut line = opened(ModemSettings {
        echo: false,
        config: Some(ModemConfig::sample()),
        ..ModemSettings::luat()
    });
    assert_eq!(line.ask("AT+ALIPAYDID"), format!("\r\n+ALIPAYDID: 0,\"{BIZ_TID}\"\r\n\r\nOK\r\n"));
    let heard = line.ask("AT+ALIPAYSIGN=4,1234567890,10.25");
    assert!(heard.starts_with("\r\n+ALIPAYSIGN: 0,369,\"{"), "{heard:?}");
    assert!(heard.contains(&Modem::expected_signature(4, "1234567890", "10.25")));
    assert!(heard.ends_with("}\"\r\n\r\nOK\r\n"));
    assert_eq!(line.ask("AT+ALIPAYPINFO=3"), "\r\nOK\r\n");
    assert_eq!(line.ask("AT+ALIPAYACT=1,2"), "\r\nOK\r\n");
    assert_eq!(line.ask("AT+ALIPAYREP=2019012922,,1025,2,0,1548811777"), "\r\nOK\r\n");
    line.order(Order::QueueFull);
    assert_eq!(line.ask("AT+ALIPAYREP=,,1,,6,1"), "\r\n+ALIPAYREP: 6\r\n\r\nOK\r\n");
    assert_eq!(line.ask("AT+QNTP=\"ntp1.aliyun.com\""), "\r\nOK\r\n\r\n+QNTP: 0\r\n");
    assert_eq!(line.ask("AT+ALIPAYSHUT"), "\r\nOK\r\n");
}

#[test]
fn test_forms_answer_ok() {
    let mut line = module(quiet());
    for verb in ["CFG", "OPEN", "PINFO", "SHUT", "DID", "SIGN", "REP", "ACT"] {
        assert_eq!(line.ask(&format!("AT+ALIPAY{verb}=?")), "\r\nOK\r\n", "{verb}");
        assert_eq!(line.ask(&format!("at+alipay{verb}=?")), "\r\nOK\r\n", "{verb}");
    }
    assert_eq!(line.ask("AT+ALIPAYUTC=?"), "\r\n+CME ERROR: 601\r\n");
}

#[test]
fn before_open_nothing_works() {
    let mut line = module(quiet());
    assert_eq!(line.ask("AT+ALIPAYPINFO=1"), "\r\nOK\r\n\r\n+ALIPAYPINFO: 2\r\n");
    assert_eq!(line.ask(REPORT), "\r\nOK\r\n\r\n+ALIPAYREP: 2\r\n");
    assert_eq!(line.ask("AT+ALIPAYACT=1,2"), "\r\nOK\r\n\r\n+ALIPAYACT: 2\r\n");
    assert_eq!(line.ask("AT+ALIPAYDID"), "\r\nOK\r\n\r\n+ALIPAYDID: -1\r\n");
    assert_eq!(line.ask(SIGN), "\r\nOK\r\n\r\n+ALIPAYSIGN: -1\r\n");
    assert_eq!(line.ask("AT+ALIPAYSHUT"), "\r\n+CME ERROR: 3\r\n");
}

#[test]
fn open_works_once_per_boot() {
    let mut line = opened(quiet());
    assert_eq!(line.ask("AT+ALIPAYOPEN"), "\r\nOK\r\n\r\n+ALIPAYOPEN: 1\r\n");
    assert_eq!(line.ask("AT+ALIPAYSHUT"), "\r\n+ALIPAYSHUT OK\r\n");
    assert_eq!(line.ask("AT+ALIPAYOPEN"), "\r\n+CME ERROR: 3\r\n");
    assert_eq!(line.ask("AT+ALIPAYDID"), "\r\nOK\r\n\r\n+ALIPAYDID: -1\r\n");
    line.order(Order::Reset);
    line.hear(secs(10));
    assert_eq!(line.ask("AT+ALIPAYOPEN"), "\r\nOK\r\n\r\n+ALIPAYOPEN: 0\r\n");
}

#[test]
fn a_failed_open_needs_a_restart() {
    let mut line = module(ModemSettings { registration: NetworkState::Denied, ..quiet() });
    assert_eq!(line.ask("AT+ALIPAYOPEN"), "\r\nOK\r\n\r\n+ALIPAYOPEN: -1\r\n");
    line.order(Order::Registration(NetworkState::Home));
    assert_eq!(line.ask("AT+ALIPAYOPEN"), "\r\nOK\r\n\r\n+ALIPAYOPEN: -1\r\n");
    assert_eq!(line.ask("AT+CFUN=1,1").lines().nth(1), Some("OK"));
    line.hear(secs(10));
    assert_eq!(line.ask("AT+ALIPAYOPEN"), "\r\nOK\r\n\r\n+ALIPAYOPEN: 0\r\n");
}

#[test]
fn the_biz_tid_is_empty_until_the_cloud_has_given_it() {
    let mut line = opened(ModemSettings { biz_tid_after: secs(20), ..quiet() });
    assert_eq!(line.ask("AT+ALIPAYDID"), "\r\nOK\r\n\r\n+ALIPAYDID: 0,\"\"\r\n");
    assert_eq!(line.ask(SIGN), "\r\nOK\r\n\r\n+ALIPAYSIGN: -1\r\n");
    assert_eq!(line.ask(REPORT), "\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n");
    line.run(secs(10));
    assert_eq!(line.device.biz_tid(), Some(BIZ_TID));
    line.order(Order::Reset);
    line.run(secs(10));
    // It is in the NVM, and so there at once after the next OPEN.
    assert_eq!(line.device.biz_tid(), Some(BIZ_TID));
}

#[test]
fn a_changed_configuration_wipes_the_cache() {
    let settings = ModemSettings { biz_tid_after: secs(60), drain_every: secs(600), ..quiet() };
    let mut line = opened(settings);
    line.run(secs(60));
    line.ask(REPORT);
    let same = "AT+ALIPAYCFG=2018040500703640,2018040500703640,2018070401748657,ALIPAY_BOX,4,\
                1234567890abcdef";
    assert_eq!(line.ask(same), "\r\nOK\r\n");
    assert_eq!(line.device.queued().count(), 1);
    assert_eq!(line.device.biz_tid(), Some(BIZ_TID));
    assert_eq!(line.ask(&same.replace(",4,", ",0,")), "\r\nOK\r\n");
    assert_eq!(line.device.queued().count(), 0);
    assert_eq!(line.device.biz_tid(), None);
    line.run(secs(60));
    assert_eq!(line.device.biz_tid(), Some(BIZ_TID));
}

#[test]
fn configuration_limits() {
    let mut line = module(ModemSettings { echo: false, ..ModemSettings::default() });
    let set = |fields: [&str; 6]| format!("AT+ALIPAYCFG={}", fields.join(","));
    let long = "x".repeat(33);
    assert_eq!(line.ask(&set([&long, "b", "c", "d", "0", "f"])), "\r\n+CME ERROR: 3765\r\n");
    assert_eq!(line.ask(&set(["a", "b", "c", "d", "four", "f"])), "\r\n+CME ERROR: 3765\r\n");
    assert_eq!(line.ask("AT+ALIPAYCFG=a,b"), "\r\n+CME ERROR: 3518\r\n");
    assert_eq!(line.device.config(), None);
    assert_eq!(line.ask("AT+ALIPAYOPEN"), "\r\n+CME ERROR: 3\r\n");
    assert_eq!(line.ask(&set(["a", "b", "c", "d", "0", "f,;"])), "\r\n+CME ERROR: 3518\r\n");
    assert_eq!(line.ask(&set(["a", "b", "c", "d", "0", "\"f,;\""])), "\r\nOK\r\n");
    assert_eq!(line.device.config().map(|config| config.terminal_id.as_str()), Some("f,;"));
}

#[test]
fn sign_checks_its_arguments() {
    let mut line = opened(quiet());
    let error = "\r\nOK\r\n\r\n+ALIPAYSIGN: 1\r\n";
    assert_eq!(line.ask("AT+ALIPAYSIGN=5,\"1\""), error);
    assert_eq!(line.ask("AT+ALIPAYSIGN=1,\"\""), error);
    assert_eq!(line.ask(&format!("AT+ALIPAYSIGN=1,\"{}\"", "1".repeat(129))), error);
    assert_eq!(line.ask("AT+ALIPAYSIGN=1,\"1\",\"ten\""), error);
    assert_eq!(line.ask(&format!("AT+ALIPAYSIGN=1,\"1\",\"{}\"", "1".repeat(33))), error);
    assert_eq!(line.ask("AT+ALIPAYSIGN=1"), "\r\n+CME ERROR: 3518\r\n");
    let heard = line.ask("AT+ALIPAYSIGN=1,\"281234567890123456\"");
    let time = heard.split("\"time\":\"").nth(1).and_then(|rest| rest.get(..10)).unwrap();
    let signed = payload(1, "281234567890123456", "", time.parse().unwrap());
    let result = format!("\r\nOK\r\n\r\n+ALIPAYSIGN: 0,{},\"{signed}\"\r\n", signed.len());
    assert_eq!(heard, result);
}

#[test]
fn signatures_tell_the_requests_apart() {
    let sample = Modem::expected_signature(4, "1234567890", "10.25");
    assert_eq!(sample.len(), 24);
    assert_eq!(sample, Modem::expected_signature(4, "1234567890", "10.25"));
    assert_ne!(sample, Modem::expected_signature(4, "1234567890", "10.26"));
    assert_ne!(sample, Modem::expected_signature(4, "1234567891", "10.25"));
    assert_ne!(sample, Modem::expected_signature(1, "1234567890", "10.25"));
    let at = |time| Modem::signature_at(4, "1234567890", "10.25", time);
    assert!(at(1).len() == 48 && at(1).starts_with(&sample) && at(1) != at(2));
}

#[test]
fn report_checks_its_fields() {
    let mut line = opened(quiet());
    for wrong in [
        ",,1025,2,0,1548811777",      // A success has a number.
        "\"1\",,1025,2,6,1548811777", // An unsupported trade has none.
        "\"1\",,1025,,0,1548811777",  // A number goes with its time.
        "\"1\",,ten,2,0,1548811777",  // The amount is a number of fen.
        "\"1\",,1025,2,7,1548811777", // There is no such outcome.
        "\"1\",,1025,2,0,",           // There is no time.
    ] {
        let answer = line.ask(&format!("AT+ALIPAYREP={wrong}"));
        assert_eq!(answer, "\r\nOK\r\n\r\n+ALIPAYREP: 1\r\n", "{wrong}");
    }
    let long = format!("AT+ALIPAYREP=\"{}\",,1,1,0,1", "1".repeat(65));
    assert_eq!(line.ask(&long), "\r\nOK\r\n\r\n+ALIPAYREP: 1\r\n");
    assert_eq!(line.ask("AT+ALIPAYREP=1,2,3"), "\r\n+CME ERROR: 3518\r\n");
    assert_eq!(line.device.queued().count(), 0);
}

#[test]
fn the_queue_fills_and_drains() {
    let settings = ModemSettings { queue_size: 2, drain_every: secs(60), ..quiet() };
    let mut line = opened(settings);
    assert_eq!(line.ask("AT+ALIPAYREP?"), "\r\n+ALIPAYREP: 0,2\r\n\r\nOK\r\n");
    let accepted = "\r\nOK\r\n\r\n+ALIPAYREP: 0\r\n";
    let full = "\r\nOK\r\n\r\n+ALIPAYREP: 6\r\n";
    assert_eq!(line.ask("AT+ALIPAYREP=\"1\",,100,2,0,1548811777"), accepted);
    assert_eq!(line.ask("AT+ALIPAYREP=\"2\",,100,2,0,1548811777"), accepted);
    assert_eq!(line.ask("AT+ALIPAYREP=\"3\",,100,2,0,1548811777"), full);
    line.order(Order::Registration(NetworkState::Lost));
    line.run(secs(600));
    assert_eq!(line.device.delivered().len(), 0);
    line.order(Order::Registration(NetworkState::Roaming));
    line.run(secs(60));
    let delivered: Vec<_> =
        line.device.delivered().iter().map(|report| report.business_no.as_str()).collect();
    assert_eq!(delivered, ["1"]);
    assert_eq!(line.ask("AT+ALIPAYREP=\"3\",,100,2,0,1548811777"), accepted);
    line.run(secs(120));
    assert_eq!(line.device.delivered().len(), 3);
    assert_eq!(line.device.queued().count(), 0);
}

#[test]
fn a_reset_loses_what_only_the_ram_holds() {
    let mut line = opened(ModemSettings { drain_every: secs(3600), ..quiet() });
    line.ask("AT+ALIPAYREP=\"1\",,100,2,0,1548811777");
    line.order(Order::Result { prefix: "+ALIPAYREP".into(), code: 7 });
    let soft = line.ask("AT+ALIPAYREP=\"2\",,100,2,0,1548811777");
    assert_eq!(soft, "\r\nOK\r\n\r\n+ALIPAYREP: 7\r\n");
    assert_eq!(line.device.queued().count(), 2);
    line.order(Order::Reset);
    line.run(secs(10));
    assert_eq!(line.device.queued().map(|report| report.amount).sum::<u64>(), 100);
}

#[test]
fn counts_add_up() {
    let mut line = opened(quiet());
    assert_eq!(line.ask("AT+ALIPAYACT=3,4"), "\r\nOK\r\n\r\n+ALIPAYACT: 0\r\n");
    assert_eq!(line.ask("AT+ALIPAYACT=1,1"), "\r\nOK\r\n\r\n+ALIPAYACT: 0\r\n");
    assert_eq!(line.ask("AT+ALIPAYACT=-1,1"), "\r\nOK\r\n\r\n+ALIPAYACT: 1\r\n");
    assert_eq!(line.device.usage(), (4, 5));
    assert_eq!(line.ask("AT+ALIPAYPINFO=128"), "\r\nOK\r\n\r\n+ALIPAYPINFO: 1\r\n");
    assert_eq!(line.ask("AT+ALIPAYPINFO=127"), "\r\nOK\r\n\r\n+ALIPAYPINFO: 0\r\n");
}

#[test]
fn a_result_can_be_ordered() {
    let mut line = opened(quiet());
    line.order(Order::Result { prefix: "+ALIPAYSIGN".into(), code: 99 });
    assert_eq!(line.ask(SIGN), "\r\nOK\r\n\r\n+ALIPAYSIGN: 99\r\n");
    assert!(line.ask(SIGN).contains("+ALIPAYSIGN: 0,369,"));
    line.order(Order::Refuse(302));
    assert_eq!(line.ask(SIGN), "\r\n+CME ERROR: 302\r\n");
}

#[test]
fn a_line_over_the_limit_runs_nothing() {
    let mut line = module(quiet());
    let exact = format!("AT+ALIPAYSIGN=?;{}+CMEE=2", " ".repeat(256 - 24));
    assert_eq!(exact.len() + 1, 256);
    assert_eq!(line.ask(&exact), "\r\nOK\r\n");
    assert_eq!(line.ask("AT+CMEE=0"), "\r\nOK\r\n");
    let over = exact.replace("+CMEE", " +CMEE");
    assert_eq!(line.ask(&over), "\r\nERROR\r\n");
    assert_eq!(line.ask("AT+CMEE?"), "\r\n+CMEE: 0\r\n\r\nOK\r\n");
    assert_eq!(line.ask(&format!("AT{}", "x".repeat(100_000))), "\r\nERROR\r\n");
    assert_eq!(line.ask("AT"), "\r\nOK\r\n");
}

#[test]
fn errors_as_cmee_says() {
    let mut line = module(quiet());
    line.order(Order::Sim(CardState::Missing));
    assert_eq!(line.take(), "");
    assert_eq!(line.ask("AT+CPIN?"), "\r\n+CPIN: NOT INSERTED\r\n\r\n+CME ERROR: 10\r\n");
    line.ask("AT+CMEE=2");
    assert_eq!(line.ask("AT+CCID"), "\r\n+CME ERROR: SIM not inserted\r\n");
    line.ask("AT+CMEE=0");
    assert_eq!(line.ask("AT+CIMI"), "\r\nERROR\r\n");
    assert_eq!(line.ask("AT+CMEE=3"), "\r\nERROR\r\n");
    assert_eq!(line.ask("AT+CMEE=?"), "\r\n+CMEE: (0-2)\r\n\r\nOK\r\n");
}

#[test]
fn a_concatenated_line_stops_at_its_first_error() {
    let mut line = module(quiet());
    let heard = line.ask("AT+CSQ;+NONE;+CMEE=0");
    assert_eq!(heard, "\r\n+CSQ: 11,0\r\n\r\n+CME ERROR: 601\r\n");
    assert_eq!(line.ask("AT+CMEE?;+IPR?"), "\r\n+CMEE: 1\r\n\r\n+IPR: 115200\r\n\r\nOK\r\n");
}

#[test]
fn echo_verbosity_and_quiet() {
    let mut line = module(ModemSettings::default());
    assert_eq!(line.ask("AT+CGMI"), "AT+CGMI\r\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!(line.ask("ATE0"), "ATE0\r\r\nOK\r\n");
    assert_eq!(line.ask("AT+CGMI"), "\r\nQuectel\r\n\r\nOK\r\n");
    assert_eq!(line.ask("ATV0"), "0\r");
    assert_eq!(line.ask("AT+CGMI"), "Quectel\r\n0\r");
    assert_eq!(line.ask("AT+CMEE=0"), "0\r");
    assert_eq!(line.ask("AT+NONE"), "4\r");
    assert_eq!(line.ask("ATQ1"), "");
    assert_eq!(line.ask("AT+CGMI"), "Quectel\r\n");
    assert_eq!(line.ask("ATQ0V1E0"), "\r\nOK\r\n");
    assert_eq!(line.ask("ATZ"), "\r\nOK\r\n");
    assert_eq!(line.ask("AT"), "AT\r\r\nOK\r\n");
}

#[test]
fn saved_parameters_survive_a_reset() {
    let mut line = module(ModemSettings::default());
    line.ask("ATE0");
    line.ask("AT+CMEE=2;&W");
    line.ask("AT+CREG=2");
    line.order(Order::Reset);
    line.hear(secs(10));
    assert_eq!(line.ask("AT+CMEE?;+CREG?"), "\r\n+CMEE: 2\r\n\r\n+CREG: 0,1\r\n\r\nOK\r\n");
    assert_eq!(line.ask("AT&F"), "\r\nOK\r\n");
    assert_eq!(line.ask("AT+CMEE?"), "AT+CMEE?\r\r\n+CMEE: 1\r\n\r\nOK\r\n");
}

#[test]
fn identity() {
    let mut line = module(quiet());
    let ati = "\r\nQuectel_Ltd\r\nQuectel_M26\r\nRevision: M26FBR03A03-TTS\r\n\r\nOK\r\n";
    assert_eq!(line.ask("ATI"), ati);
    assert_eq!(line.ask("AT+GSN"), "\r\n123456789012347\r\n\r\nOK\r\n");
    assert_eq!(line.ask("AT+CIMI"), "\r\n001010123456789\r\n\r\nOK\r\n");
    assert_eq!(line.ask("AT+CCID"), "\r\n+CCID: \"898600220909A0206023\"\r\n\r\nOK\r\n");
    assert_eq!(line.ask("AT+QCCID"), "\r\n898600220909A0206023\r\n\r\nOK\r\n");
}

#[test]
fn a_cold_start() {
    let mut line =
        module(ModemSettings { start: Start::Booting, echo: false, ..ModemSettings::default() });
    line.send("AT\r");
    let boot = "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n";
    assert_eq!(line.hear(secs(4)), boot);
    assert_eq!(line.ask("AT+CREG=1;+CREG?"), "\r\n+CREG: 1,2\r\n\r\nOK\r\n\r\n+CREG: 1\r\n");
    assert_eq!(line.ask("AT+CREG=2;+CREG?").lines().nth(1), Some("+CREG: 2,1,\"1806\",\"4F52\""));
}

#[test]
fn a_locked_card_takes_its_pin() {
    let mut line = module(ModemSettings { sim: CardState::Pin, ..quiet() });
    assert_eq!(line.ask("AT+CPIN?"), "\r\n+CPIN: SIM PIN\r\n\r\nOK\r\n");
    assert_eq!(line.ask("AT+CPIN=\"0000\""), "\r\n+CME ERROR: 16\r\n");
    assert_eq!(line.ask("AT+CREG?"), "\r\n+CREG: 0,0\r\n\r\nOK\r\n");
    assert_eq!(line.ask("AT+CPIN=\"1234\""), "\r\nOK\r\n\r\n+CPIN: READY\r\n");
    assert_eq!(line.ask("AT+CREG?"), "\r\n+CREG: 0,1\r\n\r\nOK\r\n");
}

#[test]
fn a_reset_in_the_middle_of_a_command() {
    let mut line = opened(ModemSettings { echo: true, ..quiet() });
    line.ask("ATE0");
    line.send(format!("{SIGN}\r"));
    line.order(Order::Reset);
    let heard = line.hear(secs(20));
    assert_eq!(heard, "\r\nRDY\r\n\r\n+CFUN: 1\r\n\r\n+CPIN: READY\r\n\r\nCall Ready\r\n");
    // Echo is back, and the SDK is closed.
    assert_eq!(line.ask("AT+ALIPAYDID"), "AT+ALIPAYDID\r\r\nOK\r\n\r\n+ALIPAYDID: -1\r\n");
}

#[test]
fn power_down_is_silence() {
    let mut line = module(quiet());
    assert_eq!(line.ask("AT+QPOWD=1"), "\r\nNORMAL POWER DOWN\r\n");
    assert_eq!(line.ask("AT"), "");
    line.order(Order::Urc("+CREG: 0".into()));
    assert_eq!(line.hear(secs(60)), "");
    line.order(Order::PowerOn);
    assert!(line.hear(secs(10)).starts_with("\r\nRDY\r\n"));
    assert_eq!(line.ask("AT+QPOWD=0"), "\r\nOK\r\n");
    assert_eq!(line.ask("AT"), "");
}

#[test]
fn autobauding_hears_only_at() {
    let mut line = module(ModemSettings { autobaud: true, rdy_on_first_at: true, ..quiet() });
    line.order(Order::Urc("+CREG: 0".into()));
    assert_eq!(line.ask("+++"), "");
    assert_eq!(line.ask("AT"), "\r\nRDY\r\n\r\nOK\r\n");
    line.order(Order::Reset);
    assert_eq!(line.hear(secs(10)), "");
    assert_eq!(line.ask("at+ipr=115200;&w"), "\r\nRDY\r\n\r\nOK\r\n");
    line.order(Order::Reset);
    assert!(line.hear(secs(10)).contains("Call Ready"));
}

#[test]
fn the_clock_and_the_verbs_that_set_it() {
    let mut line = module(quiet());
    let heard = line.ask("AT+CCLK?");
    assert_eq!(heard, "\r\n+CCLK: \"19/01/08,03:53:10+32\"\r\n\r\nOK\r\n");
    assert_eq!(line.ask("AT+QNTP=\"a\""), "\r\n+CME ERROR: 601\r\n");
    line.order(Order::Registration(NetworkState::Lost));
    assert_eq!(line.ask("AT+QNTTP=\"a\""), "\r\nOK\r\n\r\n+QNTTP: 5\r\n");
    let mut line =
        module(ModemSettings { ntp: NtpSpelling::Documented, clock: 1_709_164_800, ..quiet() });
    assert_eq!(line.ask("AT+QNTTP=\"a\""), "\r\n+CME ERROR: 601\r\n");
    assert_eq!(line.ask("AT+QNTP=\"a\""), "\r\nOK\r\n\r\n+QNTP: 0\r\n");
    assert!(line.ask("AT+CCLK?").contains("\"24/02/29,08:00:10+32\""));
}

#[test]
fn what_arrives_during_a_command_waits() {
    let mut line = module(ModemSettings::default());
    line.send("AT+CSQ\r\nAT+CGMI\r\nAT");
    let heard = line.hear(secs(1));
    assert_eq!(heard, "AT+CSQ\r\r\n+CSQ: 11,0\r\n\r\nOK\r\nAT+CGMI\r\r\nQuectel\r\n\r\nOK\r\nAT");
    line.send("\x08T;\x08\r");
    assert_eq!(line.hear(secs(1)), "\x08T;\x08\r\r\nOK\r\n");
}

#[test]
fn bytes_take_their_time_at_a_rate() {
    let settings = ModemSettings { echo: false, ..ModemSettings::default() };
    let mut line = Line::new(Paced::new(Modem::new(settings), 9600));
    line.send("AT\r");
    line.run(secs(1));
    let last = line.log.last().map(|(at, _)| *at).unwrap_or_default();
    // Three bytes there, 10 ms, six bytes back.
    let expected = secs(10) / 9600 * 9 + ms(10);
    assert_eq!(last, expected);
    assert_eq!(line.take(), "\r\nOK\r\n");
    line.log.clear();
    line.ask("AT+CGMR");
    // 16 and 13 bytes of text, 6 of result.
    assert_eq!(line.log.len(), 3);
}

#[test]
fn nothing_secret_in_debug() {
    let line = opened(quiet());
    let debug = format!("{:?} {:?}", line.device, line.device.settings());
    assert!(!debug.contains("ALIPAY_BOX"), "{debug}");
}

#[test]
fn losing_the_network_drops_the_data_context() {
    let mut line = module(quiet());
    line.ask("AT+CREG=1;+QIACT");
    line.order(Order::Registration(NetworkState::Lost));
    assert_eq!(line.hear(secs(1)), "\r\n+CREG: 0\r\n\r\n+PDP DEACT\r\n");
    assert_eq!(line.ask("AT+QIACT"), "\r\n+CME ERROR: 30\r\n");
}

proptest! {
    /// Whatever the host sends, the module does not fail, and a reset brings it back.
    #[test]
    fn any_input_is_survived(
        pieces in prop::collection::vec(
            prop_oneof![
                any::<Vec<u8>>(),
                "(AT|at)?[+&]?(ALIPAY(CFG|OPEN|SIGN|REP|ACT)|CREG|IPR|E|W|CPIN)?[=?,;\"0-9a-zé]{0,12}\r"
                    .prop_map(String::into_bytes),
            ],
            0..20,
        ),
        seed: u64,
    ) {
        let faults = Faults { corrupt_input: 0.01, drop: 0.01, split: 0.2, ..Faults::default() };
        let mut line = Line::new(Faulty::with_faults(Modem::new(quiet()), seed, faults));
        for piece in pieces {
            line.send(piece);
            line.run(ms(7));
        }
        line.run(secs(10));
        line.order(Order::Calm);
        line.order(Order::PowerOff);
        line.order(Order::PowerOn);
        line.hear(secs(10));
        prop_assert!(line.ask("ATV1Q0").ends_with("\r\nOK\r\n"));
    }
}
