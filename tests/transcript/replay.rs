//! The transcripts of tests/transcripts, played to an engine at every split point.

use m26_pay::alipay::{
    DeviceId, Environment, Open, Opened, ReadConfig, Report, Sign, SignData, SignMode, TradeResult,
};
use m26_pay::amount::Amount;
use m26_pay::at::command::{Command, Reply};
use m26_pay::at::profile::Profile;
use m26_pay::engine::ExchangeError;
use support::replay::{self, Replayed};

#[track_caller]
fn expect(name: &str, told: &[&str]) {
    expect_on(&Profile::quectel(), name, told);
}

#[track_caller]
fn expect_on(profile: &Profile, name: &str, told: &[&str]) {
    assert_eq!(replay::replay(name, profile).told, told, "{name}");
}

const BIZ_TID: &str = "010100F00A1XBEXbZFJ1rsU50nCHqWohV0duAd4eOBbA5t56nJq2kkw";

#[test]
fn section_4() {
    let Replayed { told, ended } = replay::replay("section-4.at", &Profile::quectel());
    assert_eq!(ended.len(), 12);
    assert_eq!(told.len(), 12, "nothing but the ends of commands: {told:#?}");
    let short = |told: &String| told.split_once(':').map(|(_, rest)| rest.trim().to_string());
    let short: Vec<_> = told.iter().filter_map(short).collect();
    assert_eq!(short[0], "OK");
    assert_eq!(short[2], "+CREG: 0,1 / +CGREG: 0,1 / +CSQ: 11,0 / OK");
    assert_eq!(short[3], "+QNTTP: 0 / OK");
    assert_eq!(short[6], "+ALIPAYOPEN: 0 / OK");
    assert_eq!(short[7], "+ALIPAYPINFO: 0 / OK");
    assert_eq!(short[8], format!("+ALIPAYDID: 0,\"{BIZ_TID}\" / OK"));
    assert_eq!(short[10..], ["+ALIPAYREP: 0 / OK", "+ALIPAYREP: 0 / OK"]);
}

/// The replies decoded, and the lines as the typed commands write them.
#[test]
fn section_4_in_types() -> Result<(), Box<dyn std::error::Error>> {
    let Replayed { ended, .. } = replay::replay("section-4.at", &Profile::quectel());
    let mut ended = ended.into_iter().skip(5);

    let config = decode(&mut ended, &ReadConfig)?;
    assert!(!format!("{config:?}").contains("ALIPAY_BOX"), "{config:?}");
    assert_eq!(config.product_key.map(|key| key.into_inner()), Some("ALIPAY_BOX".into()));
    assert_eq!(config.module_supplier_no.as_deref(), Some("201901220900654009"));
    assert_eq!(config.env, Some(Environment::TEST));
    assert_eq!(decode(&mut ended, &Open)?, Opened::Now);
    ended.next();
    let biz_tid = decode(&mut ended, &DeviceId)?.ok_or("a bizTid")?;
    assert_eq!(biz_tid.as_str(), BIZ_TID);
    let amount: Amount = "10.25".parse()?;
    let sign = Sign::new(SignMode::Withholding, SignData::new("1234567890")?);
    let signed = decode(&mut ended, &sign.amount(amount).for_device(biz_tid))?;
    assert_eq!(signed.expose().len(), 369);
    assert_eq!(signed.get("time").as_deref(), Some("1546890790"));
    let report = Report::of(amount, TradeResult::Success, 1548811777)
        .business_no("2019012922001450181015731428".parse()?)
        .time_consuming(2);
    decode(&mut ended, &report.build()?)?;
    let report = Report::of(amount, TradeResult::Unsupported, 1548811777);
    decode(&mut ended, &report.build()?)?;
    assert_eq!(ended.next(), None);
    Ok(())
}

/// Decodes the next reply, which must be that to this command's own line.
fn decode<C: Command>(
    ended: &mut impl Iterator<Item = (String, Result<Reply, ExchangeError>)>,
    command: &C,
) -> Result<C::Response, Box<dyn std::error::Error>> {
    let (line, outcome) = ended.next().ok_or("another command")?;
    let request = command.request(&Profile::quectel())?;
    assert_eq!(String::from_utf8_lossy(request.line()).trim_end(), line);
    Ok(command.decode(&outcome?)?)
}

#[test]
fn start_up() {
    expect(
        "boot.at",
        &[
            "urc: \u{fffd}\u{fffd}\0",
            "urc: RDY",
            "urc: +CFUN: 1",
            "urc: +CPIN: READY",
            "#0: OK",
            "urc: Call Ready",
            "urc: SMS Ready",
            "#1: +CSQ: 11,0 / OK",
        ],
    );
    expect(
        "brown-out.at",
        &[
            "urc: RDY",
            "urc: +CFUN: 1",
            "urc: +CPIN: READY",
            "urc: RDY",
            "urc: +CFUN: 1",
            "urc: +CPIN: READY",
            "urc: UNDER_VOLTAGE WARNING ",
            "urc: RDY",
            "urc: RDY",
            "#0 interrupted (unknown)",
            "reset",
            "urc: +CFUN: 1",
        ],
    );
}

#[test]
fn echo() {
    expect(
        "echo-on.at",
        &[
            "#1: +CSQ: 30, 0 / OK",
            "#2: Quectel_Ltd / Quectel_M26 / Revision: M26FBR03A03-TTS / OK",
            "#3: OK",
        ],
    );
    expect(
        "echo-comes-back.at",
        &["#1: OK", "#2: +CSQ: 11,0 / OK", "#3: +CSQ: 99,99 / OK", "#4: OK"],
    );
    expect(
        "damaged-echo.at",
        &[
            "#1 contradicted: the module heard another line than was sent: [35 bytes]",
            "late: +ALIPAYSIGN: 99",
        ],
    );
    expect(
        "fragments.at",
        &[
            "#1: OK",
            "urc: REG?",
            "#2: +CREG: 0,1 / OK",
            "urc: ATH",
            "#3: Quectel_Ltd / Quectel_M26 / Revision: M26FBR03A03-TTS / OK",
        ],
    );
}

#[test]
fn line_ends() {
    expect("cr-cr-lf.at", &["#1: +CREG: 0,1 / OK", "#2: +CSQ: 11,0 / OK"]);
    expect(
        "shared-crlf.at",
        &["urc: +CREG: 1", "#1: +CSQ: 11,0 / OK", "#2: +CREG: 0,1 / OK", "urc: +CREG: 5"],
    );
}

#[test]
fn urcs_in_an_answer() {
    expect(
        "urc-in-answer.at",
        &[
            "urc: +CREG: 1",
            "urc: +CREG: 1,\"1A2B\",\"0C3D\"",
            "urc: +NEW: 7",
            "urc: +PDP DEACT",
            "urc: UNDER_VOLTAGE WARNING ",
            "#1: +CREG: 0,1 / +CGREG: 0,1 / +CSQ: 11,0 / OK",
            "urc: +CREG: 5",
            "urc: +CGREG:1",
        ],
    );
}

#[test]
fn a_reset_in_mid_command() {
    expect(
        "reset.at",
        &[
            "urc: +CS",
            "urc: RDY",
            "#2 interrupted (unknown)",
            "#1 interrupted (unknown)",
            "reset",
            "urc: +CFUN: 1",
            "urc: +CPIN: READY",
            "#3: +ALIPAYOPEN: 0 / OK",
        ],
    );
}

#[test]
fn late_answers() {
    expect(
        "late-answer.at",
        &["#1 timed-out (unknown) final", "late: +CSQ: 5,0", "late: OK", "#2: +CSQ: 30,0 / OK"],
    );
    expect(
        "late-fence.at",
        &[
            "#1 timed-out (unknown) final",
            "late: +CSQ: 5,0",
            "late: OK",
            "late: +CMEE: 1",
            "late: OK",
            "#2: +CSQ: 30,0 / OK",
        ],
    );
    expect(
        "late-result.at",
        &[
            "#1 timed-out (unknown) result",
            "late: +ALIPAYSIGN: 0,6,\"{\"a\":1\"",
            "#2: +CSQ: 30,0 / OK",
            "#3: +ALIPAYSIGN: 0,6,\"{\"a\":2\" / OK",
        ],
    );
    expect("lost-ok.at", &["#1: +ALIPAYSIGN: 0,2,\"{}\" / no final", "#2: OK"]);
}

#[test]
fn data_of_a_length() {
    expect(
        "ok-in-data.at",
        &[
            "#1: +ALIPAYSIGN: 0,22,\"{\"a\":\"\r\nOK\r\n\",\"b\":\"\n\"}\" / OK",
            "#2 contradicted: +ALIPAYSIGN: [14 bytes] announces a length that does not fit its data",
            "urc: +CREG: 1",
            "#3 contradicted: +ALIPAYSIGN: [16 bytes] announces a length that does not fit its data",
            "urc: +CREG: 5",
            "#4: +ALIPAYSIGN:\r\n0,7,\"{\"a\":1}\" / OK",
        ],
    );
}

#[test]
fn the_order_of_another_firmware() {
    expect_on(
        &Profile::luat(),
        "luat.at",
        &[
            "#1: +ALIPAYOPEN: 0 / OK",
            "#2: OK",
            "#3: +ALIPAYDID: 0,\"010100F00A1X\" / OK",
            "#4: +ALIPAYSIGN: 0,7,\"{\"a\":1}\" / OK",
            "#5: +ALIPAYREP: 0 / OK",
            "#6: OK",
            "#7: OK",
            "stray: +ALIPAYACT: 0",
            "#8: OK",
            "#9: OK",
        ],
    );
}

#[test]
fn one_prefix_two_meanings() {
    expect("report-blank.at", &["#1: +ALIPAYREP: 0,20 / OK", "#2: +ALIPAYREP : 7 / OK"]);
}

#[test]
fn the_configuration_in_any_order() -> Result<(), Box<dyn std::error::Error>> {
    let Replayed { told, ended } = replay::replay("config-read.at", &Profile::quectel());
    assert_eq!(told[0], "urc: +CREG: 1");
    let config = decode(&mut ended.into_iter(), &ReadConfig)?;
    assert_eq!(config.module_supplier_no.as_deref(), Some("201901220900654009"));
    assert_eq!(config.env, Some(Environment::TEST));
    Ok(())
}

#[test]
fn errors_by_their_text() {
    expect(
        "cme-text.at",
        &[
            "#1 refused: +CME ERROR: 10 (SIM not inserted)",
            "#2 refused: +CME ERROR: a text of 15 bytes",
            "#3 refused: +CME ERROR: 13 (SIM failure)",
        ],
    );
}

#[test]
fn commands_without_an_ok() {
    expect("shut-down.at", &["#1: +ALIPAYSHUT OK / no final", "#2: NORMAL POWER DOWN / no final"]);
}
