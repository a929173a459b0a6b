//! What holds for every command, whatever arrives and whatever is asked for.

use std::borrow::Cow;

use m26_pay::alipay::{
    BusinessNo, QrCode, ReadConfig, Report, SetConfig, Sign, SignData, SignMode, SignPolicy,
    TradeResult,
};
use m26_pay::argument::InvalidArgument;
use m26_pay::at::command::{Command, DecodeError, Lines, Reply};
use m26_pay::at::line::Line;
use m26_pay::at::profile::Profile;
use m26_pay::at::result::FinalResult;
use m26_pay::m26::{NtpCommand, NtpSync, SetAccessPoint};
use m26_pay::urc::Urc;
use proptest::prelude::*;
use support::commands::{config, every_answer};

/// A line that looks like one of the module's, or any other.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let prefix = prop::sample::select(vec![
        "+ALIPAYACT",
        "+ALIPAYCFG",
        "+ALIPAYDID",
        "+ALIPAYOPEN",
        "+ALIPAYPINFO",
        "+ALIPAYREP",
        "+ALIPAYSIGN",
        "+CCID",
        "+CCLK",
        "+CFUN",
        "+CGREG",
        "+CME ERROR",
        "+CMEE",
        "+CPIN",
        "+CREG",
        "+CSQ",
        "+IPR",
        "+QCCID",
        "+QNTP",
        "+QNTTP",
        "Revision",
    ]);
    let field = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string().into_bytes()),
        (-1i8..8).prop_map(|number| number.to_string().into_bytes()),
        "\"[ -~]{0,20}\"".prop_map(String::into_bytes),
        "[ -~]{0,20}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..10),
    ];
    let fields = prop::collection::vec(field, 0..6);
    prop_oneof![
        3 => (prefix, "[ ]{0,2}:[ ]{0,2}", fields).prop_map(|(prefix, colon, fields)| {
            [prefix.as_bytes(), colon.as_bytes(), &fields.join(&b','),].concat()
        }),
        1 => prop::collection::vec(any::<u8>(), 0..60),
        1 => "\" ?[a-z_]{0,12}\" ?: ?\"?[ -~]{0,20}\"?".prop_map(String::into_bytes),
    ]
}

fn reply() -> impl Strategy<Value = Reply> {
    let final_result = prop_oneof![Just(None), Just(Some(FinalResult::Ok))];
    (prop::collection::vec(line(), 0..8), prop::option::of(line()), final_result).prop_map(
        |(lines, result, final_result)| Reply {
            lines: lines.into_iter().map(Line::new).collect(),
            result: result.map(Line::new),
            final_result,
        },
    )
}

proptest! {
    #[test]
    fn no_reply_panics(reply in reply()) {
        // It has a word for whatever it is not.
        prop_assert!(every_answer(&reply).iter().all(|told| !told.is_empty()));
    }

    #[test]
    fn no_line_panics_as_a_urc_and_none_is_lost(line in line()) {
        let urc = Urc::parse(&line);
        let _ = (format!("{urc:?}"), urc.name().len());
        if let Urc::Unknown { line: kept } = &urc {
            prop_assert_eq!(kept, &Cow::Borrowed(&line[..]));
        }
        prop_assert_eq!(urc.clone().into_owned(), urc);
    }

    #[test]
    fn a_signature_comes_through_byte_by_byte(data in "[^\u{0}]{1,300}") {
        let sign = Sign::new(SignMode::PayerCode, SignData::new("1").unwrap());
        let answered = |length: usize| sign.decode(&Reply {
            lines: Lines::NONE,
            result: Some(Line::new(format!("+ALIPAYSIGN: 0,{length},\"{data}\""))),
            final_result: Some(FinalResult::Ok),
        });
        let signed = answered(data.len()).unwrap();
        prop_assert_eq!(signed.expose(), &data);
        for length in [data.len() - 1, data.len() + 1] {
            let malformed = matches!(answered(length), Err(DecodeError::Malformed { .. }));
            prop_assert!(malformed);
        }
    }

    #[test]
    fn what_is_set_reads_back_without_a_difference(
        texts in prop::array::uniform5("[ !#-~]{1,32}"),
        env in any::<i32>(),
        order in Just((0..6).collect::<Vec<usize>>()).prop_shuffle(),
    ) {
        let config = config(texts.each_ref().map(|text| text.as_str()), env).unwrap();
        let keys = ["device_supplier_no", "merchant_user_id", "item_id", "product_key", "terminal_id"];
        let mut lines: Vec<_> =
            keys.iter().zip(&texts).map(|(key, text)| format!("\"{key}\": \"{text}\"")).collect();
        lines.push(format!("\"env\": {env}"));
        let mut sorted = vec![Line::new("+ALIPAYCFG:")];
        sorted.extend(order.iter().map(|at| Line::new(lines[*at].clone())));
        let reply = Reply { lines: sorted.into(), result: None, final_result: Some(FinalResult::Ok) };
        let stored = ReadConfig.decode(&reply).unwrap();
        prop_assert_eq!(stored.differences(&config), Vec::<&str>::new());
    }

    #[test]
    fn no_argument_can_inject(texts in prop::array::uniform5(argument()), bare: bool) {
        let profile = if bare { Profile::luat() } else { Profile::quectel() };
        let [a, b, c, ..] = &texts;
        let mut requests = Vec::new();
        if let Some(config) = config(texts.each_ref().map(|text| text.as_str()), 4) {
            requests.push((SetConfig(config).request(&profile), 5));
        }
        if let (Ok(business_no), Ok(qr_code)) = (BusinessNo::new(&**a), QrCode::new(&**b)) {
            let report = report(TradeResult::Success, Some(business_no), Some(qr_code));
            requests.push((report.unwrap().request(&profile), 5));
        }
        if let Ok(data) = SignData::new(&**a) {
            let sign = Sign::new(SignMode::Withholding, data).policy(SignPolicy::STRICT);
            requests.push((sign.request(&profile), 1));
        }
        if let (Ok(apn), Ok(user), Ok(password)) = (a.parse(), b.parse(), c.parse()) {
            let set = SetAccessPoint::new(apn).account(user, password);
            requests.push((set.request(&profile), 3));
        }
        if let Ok(server) = a.parse() {
            let sync = NtpSync { verb: NtpCommand::Qntp, server: Some(server), port: Some(1) };
            requests.push((sync.request(&profile), 1));
        }
        for (request, commas) in requests {
            let Ok(request) = request else { continue };
            prop_assert_eq!(commas_outside_quotes(request.line()), Some(commas));
        }
    }
}

/// Strings that a scanner might read, and some that nobody would like to see.
fn argument() -> impl Strategy<Value = String> {
    prop_oneof![
        2 => "[0-9a-zA-Z]{1,40}",
        1 => "[ -~]{0,70}",
        1 => any::<String>(),
        1 => "[0-9]{0,3}[\",;\r\n= ]{1,3}(AT)?[+]QPOWD=1",
    ]
}

/// How many commas separate the arguments of a line, or `None` if it could be read as more than one
/// command.
fn commas_outside_quotes(line: &[u8]) -> Option<usize> {
    let line = line.strip_suffix(b"\r")?;
    let mut quoted = false;
    let mut commas = 0;
    for byte in line {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => commas += 1,
            b';' if !quoted => return None,
            byte if byte.is_ascii_control() => return None,
            _ => {}
        }
    }
    (!quoted).then_some(commas)
}

fn report(
    outcome: TradeResult,
    business_no: Option<BusinessNo>,
    qr_code: Option<QrCode>,
) -> Result<Report, InvalidArgument> {
    let mut report = Report::of(Report::MAX_AMOUNT, outcome, 1_548_811_777);
    if let Some(business_no) = business_no {
        report = report.business_no(business_no).time_consuming(2);
    }
    if let Some(qr_code) = qr_code {
        report = report.qr_code(qr_code);
    }
    report.build()
}
