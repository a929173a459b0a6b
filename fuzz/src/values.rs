//! Arguments and the lines that carry them.

use m26_pay::alipay::{
    BizTid, BusinessNo, DeviceSupplierNo, HumanVerify, ItemId, MerchantUserId, ProductInfo,
    ProductKey, QrCode, Report, ReportUsage, SetConfig, Sign, SignData, SignMode, TerminalId,
    TradeResult,
};
use m26_pay::amount::Amount;
use m26_pay::argument::InvalidArgument;
use m26_pay::at::command::{Command, CommandLine, InvalidCommand};
use m26_pay::at::field::Fields;
use m26_pay::at::profile::Profile;
use m26_pay::m26::{
    Apn, Iccid, Imei, Imsi, NtpCommand, NtpServer, NtpSync, Password, Raw, SetAccessPoint, User,
};

use super::source::{Source, assert_hidden, unfold};
use support::commands::config;

/// Every text is a valid argument or none, by one rule; whatever is valid is sent in a line that
/// reads as exactly these arguments, or refused before it is sent, and secrets show nowhere.
///
/// The first byte chooses the profile, eight more are numbers; the rest are texts, each up to an
/// LF.
pub fn values(data: &[u8]) {
    let mut source = Source::new(data);
    let mut profile = if source.flag() { Profile::luat() } else { Profile::quectel() };
    let number = source.take(8).iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    if number % 7 == 0 {
        profile.line_limit = (number % 600) as usize;
    }
    let mut texts: Vec<String> = Vec::new();
    while !source.is_empty() && texts.len() < 16 {
        let text = unfold(source.until(b'\n'));
        texts.push(String::from_utf8_lossy(&text).into_owned());
    }
    texts.iter().for_each(|text| valid(text));
    amount(number, &texts);
    let text = |index: usize| texts.get(index).map_or("", |text| text.as_str());
    line(&profile, number as i64, [text(0), text(1), text(2)]);
    raw(&profile, text(0));
    commands(&profile, number, &texts);
}

/// Every type takes what it should, by a rule that is written once more here.
fn valid(text: &str) {
    let allowed = |limit: usize| {
        (1..=limit).contains(&text.len())
            && !text.bytes().any(|byte| byte == b'"' || byte < 0x20 || byte == 0x7f)
    };
    let plain = |limit, value: Result<&str, InvalidArgument>| match value {
        Ok(value) => assert!(allowed(limit) && value == text),
        Err(error) => {
            assert!(!allowed(limit), "{error}");
            assert_hidden(&format!("{error} {error:?}"));
        }
    };
    plain(32, DeviceSupplierNo::new(text).as_ref().map(|v| v.as_str()).map_err(Clone::clone));
    plain(32, MerchantUserId::new(text).as_ref().map(|v| v.as_str()).map_err(Clone::clone));
    plain(64, ItemId::new(text).as_ref().map(|v| v.as_str()).map_err(Clone::clone));
    plain(64, TerminalId::new(text).as_ref().map(|v| v.as_str()).map_err(Clone::clone));
    plain(256, BizTid::new(text).as_ref().map(|v| v.as_str()).map_err(Clone::clone));
    plain(100, Apn::new(text).as_ref().map(|v| v.as_str()).map_err(Clone::clone));
    plain(64, User::new(text).as_ref().map(|v| v.as_str()).map_err(Clone::clone));
    plain(253, NtpServer::new(text).as_ref().map(|v| v.as_str()).map_err(Clone::clone));
    plain(15, Imei::new(text).as_ref().map(|v| v.as_str()).map_err(Clone::clone));
    plain(64, ProductKey::new(text).as_ref().map(|v| v.expose()).map_err(Clone::clone));
    plain(128, SignData::new(text).as_ref().map(|v| v.expose()).map_err(Clone::clone));
    plain(64, BusinessNo::new(text).as_ref().map(|v| v.expose()).map_err(Clone::clone));
    plain(64, QrCode::new(text).as_ref().map(|v| v.expose()).map_err(Clone::clone));
    plain(64, Password::new(text).as_ref().map(|v| v.expose()).map_err(Clone::clone));
    plain(15, Imsi::new(text).as_ref().map(|v| v.expose()).map_err(Clone::clone));
    plain(22, Iccid::new(text).as_ref().map(|v| v.expose()).map_err(Clone::clone));
    for secret in [
        format!("{:?}", ProductKey::new(text)),
        format!("{:?}", SignData::new(text)),
        format!("{:?}", BusinessNo::new(text)),
        format!("{:?}", QrCode::new(text)),
        format!("{:?}", Password::new(text)),
        format!("{:?}", Imsi::new(text)),
        format!("{:?}", Iccid::new(text)),
    ] {
        assert_hidden(&secret);
    }
}

/// Yuan as text and fen as a number are the same amount.
fn amount(number: u64, texts: &[String]) {
    match Amount::from_fen(number) {
        Ok(amount) => {
            assert_eq!(amount.fen(), number);
            assert_eq!(amount.to_string().parse(), Ok(amount));
        }
        Err(_) => assert!(number > Amount::MAX.fen()),
    }
    for text in texts {
        match text.parse::<Amount>() {
            Ok(amount) => {
                assert_eq!(amount.to_string().parse(), Ok(amount));
                let (yuan, fen) = text.split_once('.').unwrap_or((text, ""));
                let written = format!("{}.{fen:0<2}", yuan.trim_start_matches('0'));
                assert_eq!(amount.to_string().trim_start_matches('0'), written);
            }
            Err(error) => assert_hidden(&format!("{error} {error:?}")),
        }
    }
}

/// A line reads as the arguments that were written.
fn line(profile: &Profile, number: i64, [quoted, first, second]: [&str; 3]) {
    let line = CommandLine::set("+X")
        .int(number)
        .string("first", first)
        .empty()
        .quoted(quoted)
        .string("second", second);
    assert_hidden(&format!("{line:?}"));
    let line = match line.finish(profile) {
        Ok(line) => line,
        Err(error) => return assert_hidden(&format!("{error} {error:?}")),
    };
    assert_one_command(&line, profile);
    let args = line.strip_prefix(b"AT+X=").and_then(|line| line.strip_suffix(b"\r")).unwrap();
    let mut fields = Fields::new(args);
    assert_eq!(fields.int("number"), Ok(number));
    for wanted in [first, "", quoted, second] {
        assert_eq!(fields.string("text"), Ok(wanted.as_bytes()), "{line:?}");
    }
    assert_eq!(fields.end(), Ok(()));
}

/// A line by hand is sent as it is, or not.
fn raw(profile: &Profile, text: &str) {
    let command = Raw::new(text);
    assert_hidden(&format!("{command:?}"));
    match command.request(profile) {
        Ok(request) => {
            assert_eq!(request.line(), [text.as_bytes(), b"\r"].concat());
            assert!(text[..2].eq_ignore_ascii_case("AT") && text.len() < profile.line_limit);
            assert!(!text.bytes().any(|byte| byte.is_ascii_control()));
            // The name of a command is letters, so a marker in it would have been taken apart.
            assert_hidden(&format!("{request:?}"));
        }
        Err(error) => assert_hidden(&format!("{error} {error:?}")),
    }
}

fn commands(profile: &Profile, number: u64, texts: &[String]) {
    let text = |index: usize| texts.get(index).map_or("", |text| text.as_str());
    if let Some(config) = config([0, 1, 2, 3, 4].map(text), number as i32) {
        sent(&SetConfig(config), profile, 5);
    }
    let amount = Amount::from_fen(number >> 31).unwrap();
    if let Ok(data) = SignData::new(text(0)) {
        let modes =
            [SignMode::PayerCode, SignMode::Face, SignMode::PayerScans, SignMode::Withholding];
        let sign = Sign::new(modes[(number % 4) as usize], data);
        sent(&sign, profile, 1);
        sent(&sign.amount(amount), profile, 2);
    }
    if let Ok(report) = report(amount, number, text) {
        sent(&report, profile, 5);
    }
    if let (Ok(apn), Ok(user), Ok(password)) = (text(0).parse(), text(1).parse(), text(2).parse()) {
        sent(&SetAccessPoint::new(apn).account(user, password), profile, 3);
    }
    if let Ok(server) = text(0).parse() {
        let port = (number % 2 == 0).then_some(number as u16);
        let sync = NtpSync { verb: NtpCommand::Qnttp, server: Some(server), port };
        sent(&sync, profile, usize::from(port.is_some()));
    }
    if let Ok(info) = ProductInfo::new(HumanVerify::from_bits_retain(number as u32)) {
        sent(&info, profile, 0);
    }
    sent(&ReportUsage { broadcasts: number as u32, scans: (number >> 32) as u32 }, profile, 1);
}

/// A report keeps the spec's rules, or there is none.
fn report<'a>(
    amount: Amount,
    number: u64,
    text: impl Fn(usize) -> &'a str,
) -> Result<Report, InvalidArgument> {
    const RESULTS: [TradeResult; 8] = [
        TradeResult::Unavailable,
        TradeResult::Success,
        TradeResult::Timeout,
        TradeResult::Failed,
        TradeResult::Processing,
        TradeResult::NetworkError,
        TradeResult::Unknown,
        TradeResult::Unsupported,
    ];
    let result = RESULTS[(number % 8) as usize];
    let (business_no, qr_code) =
        (text(0).parse::<BusinessNo>().ok(), text(1).parse::<QrCode>().ok());
    let seconds = (number & 8 == 0).then_some(number as u32);
    let time_stamp = (number as i64) >> 24;
    let broken = match (result, &business_no) {
        (TradeResult::Success, None) | (TradeResult::Unsupported, Some(_)) => true,
        (_, Some(_)) if seconds.is_none() => true,
        _ => time_stamp < 0 || amount > Report::MAX_AMOUNT,
    };
    let mut report = Report::of(amount, result, time_stamp);
    if let Some(business_no) = business_no {
        report = report.business_no(business_no);
    }
    if let Some(qr_code) = qr_code {
        report = report.qr_code(qr_code);
    }
    if let Some(seconds) = seconds {
        report = report.time_consuming(seconds);
    }
    assert_hidden(&format!("{report:?}"));
    let built = report.build();
    assert_eq!(built.is_err(), broken);
    built
}

/// The line has so many commas between its arguments.
fn sent<C: Command>(command: &C, profile: &Profile, commas: usize) {
    match command.request(profile) {
        Ok(request) => {
            assert_one_command(request.line(), profile);
            let mut quoted = false;
            let between = request.line().iter().filter(|byte| {
                quoted ^= **byte == b'"';
                **byte == b',' && !quoted
            });
            assert_eq!(between.count(), commas, "{:?}", request.line());
            assert_hidden(&format!("{request:?}"));
        }
        Err(InvalidCommand::TooLong { length, limit }) => assert!(length > limit),
        Err(error) => assert_hidden(&format!("{error} {error:?}")),
    }
}

/// No module reads more than one command in it.
fn assert_one_command(line: &[u8], profile: &Profile) {
    assert!(line.len() <= profile.line_limit);
    let body = line.strip_prefix(b"AT").and_then(|line| line.strip_suffix(b"\r")).unwrap();
    assert!(!body.iter().any(u8::is_ascii_control), "{line:?}");
    let mut quoted = false;
    for byte in body {
        quoted ^= *byte == b'"';
        assert!(quoted || *byte != b';', "{line:?}");
    }
    assert!(!quoted, "{line:?}");
}
