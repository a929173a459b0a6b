//! `biz_content`: what a call says in JSON.

use std::sync::Arc;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::{Map, Value};

use super::charset::Charset;
use super::params::Refusal;
use crate::sim::gateway::Fen;
use crate::sim::gateway::alipay::{
    CodeId, Method, PayCall, PrecreateCall, RefundCall, RefundQueryCall, TradeCall, Which,
};
use crate::sim::gateway::http::Params;

/// Reads a call; `unix` is the gateway's clock.
pub(super) fn call(
    form: &Params,
    charset: Charset,
    method: Method,
    unix: u64,
) -> Result<TradeCall, Refusal> {
    let Some(bytes) = form.get("biz_content") else {
        return Err(Refusal::new(40001, "isv.missing-biz-content", "biz_content is missing"));
    };
    let text = charset.decode(bytes).ok_or_else(|| invalid("biz_content is not in its charset"))?;
    let Ok(Value::Object(biz)) = serde_json::from_str(&text) else {
        return Err(invalid("biz_content is no JSON object"));
    };
    let biz = Biz(biz);
    for (name, most) in TEXTS {
        biz.text(name, most)?;
    }
    Ok(match method {
        Method::Cancel => TradeCall::Cancel(biz.which()?),
        Method::Close => TradeCall::Close(biz.which()?),
        Method::Pay => TradeCall::Pay(biz.pay(unix)?),
        Method::Precreate => TradeCall::Precreate(biz.precreate(unix)?),
        Method::Query => TradeCall::Query(biz.which()?),
        Method::Refund => TradeCall::Refund(biz.refund()?),
        Method::RefundQuery => TradeCall::RefundQuery(biz.refund_query()?),
    })
}

struct Biz(Map<String, Value>);

impl Biz {
    fn pay(&self, unix: u64) -> Result<PayCall, Refusal> {
        let out_trade_no = self.out_trade_no()?;
        let code = if self.text("product_code", 64)? == Some("GENERAL_WITHHOLDING") {
            // An agreement pays many times, and each number once.
            let agreement = self.0.get("agreement_params").and_then(|it| it.get("agreement_no"));
            let agreement = agreement.and_then(Value::as_str).filter(|text| !text.is_empty());
            let agreement = agreement.ok_or_else(|| missing("agreement_params.agreement_no"))?;
            CodeId::of(&format!("{agreement} {out_trade_no}"))
        } else {
            let scene = self.text("scene", 32)?.unwrap_or("bar_code");
            if !matches!(scene, "bar_code" | "security_code" | "wave_code") {
                return Err(invalid("scene is none of bar_code, security_code, wave_code"));
            }
            CodeId::of(self.text("auth_code", 1024)?.ok_or_else(|| missing("auth_code"))?)
        };
        self.subject()?;
        Ok(PayCall {
            total: self.amount("total_amount")?,
            code,
            timeout: self.timeout(unix)?,
            out_trade_no,
        })
    }

    fn precreate(&self, unix: u64) -> Result<PrecreateCall, Refusal> {
        self.subject()?;
        let out_trade_no = self.out_trade_no()?;
        let total = self.amount("total_amount")?;
        Ok(PrecreateCall { out_trade_no, total, timeout: self.timeout(unix)? })
    }

    fn refund(&self) -> Result<RefundCall, Refusal> {
        let out_request_no = self.text("out_request_no", 64)?.map(Arc::from);
        Ok(RefundCall {
            which: self.which()?,
            amount: self.amount("refund_amount")?,
            out_request_no,
        })
    }

    fn refund_query(&self) -> Result<RefundQueryCall, Refusal> {
        let number = self.text("out_request_no", 64)?.ok_or_else(|| missing("out_request_no"))?;
        Ok(RefundQueryCall { which: self.which()?, out_request_no: number.into() })
    }

    /// By Alipay's number, if there is one that can be one (facts 2.2: trade_no wins).
    fn which(&self) -> Result<Which, Refusal> {
        match self.text("trade_no", 64)? {
            Some(number) => match number.parse() {
                Ok(number) => Ok(Which::Theirs(number)),
                Err(_) => Err(Refusal::new(40004, "ACQ.TRADE_NOT_EXIST", "no trade_no of ours")),
            },
            None => Ok(Which::Ours(self.out_trade_no()?)),
        }
    }

    /// 1 to 64 letters, digits and underscores (facts 2.1); a hyphen is in wide use.
    fn out_trade_no(&self) -> Result<Arc<str>, Refusal> {
        let number = self.text("out_trade_no", 64)?.ok_or_else(|| missing("out_trade_no"))?;
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if !number.bytes().all(fits) {
            return Err(invalid("out_trade_no has more than letters, digits, '_' and '-'"));
        }
        Ok(number.into())
    }

    /// Without `/ = &` (facts 2.1).
    fn subject(&self) -> Result<(), Refusal> {
        let subject = self.text("subject", 256)?.ok_or_else(|| missing("subject"))?;
        if subject.contains(['/', '=', '&']) {
            return Err(invalid("subject has one of / = & in it"));
        }
        Ok(())
    }

    /// A text or a number (facts 1.3), never by way of a float.
    fn amount(&self, name: &'static str) -> Result<Fen, Refusal> {
        let text = match self.0.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            None | Some(Value::Null) => return Err(missing(name)),
            Some(_) => return Err(invalid(format!("{name} is no amount"))),
        };
        text.parse().map_err(|error| invalid(format!("{name}: {error}")))
    }

    /// `timeout_express`, or else `time_expire`.
    fn timeout(&self, unix: u64) -> Result<Option<Duration>, Refusal> {
        if let Some(text) = self.text("timeout_express", 6)? {
            let timeout = timeout_express(text, unix);
            return timeout.map(Some).ok_or_else(|| invalid("timeout_express is not 1m to 15d"));
        }
        let Some(text) = self.text("time_expire", 32)? else { return Ok(None) };
        let time = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok();
        let end = time.and_then(|time| Offset::constant(8).to_timestamp(time).ok());
        let left = end.and_then(|end| u64::try_from(end.as_second()).ok()?.checked_sub(unix));
        match left.filter(|left| *left > 0) {
            Some(left) => Ok(Some(Duration::from_secs(left))),
            None => Err(invalid("time_expire is no time to come, as yyyy-MM-dd HH:mm:ss")),
        }
    }

    /// A member that is a text and not empty; `null` is none.
    fn text(&self, name: &str, most: usize) -> Result<Option<&str>, Refusal> {
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) if text.is_empty() => Ok(None),
            Some(Value::String(text)) if text.chars().count() <= most => Ok(Some(text)),
            Some(Value::String(_)) => Err(invalid(format!("{name} is longer than {most}"))),
            Some(_) => Err(invalid(format!("{name} is no text"))),
        }
    }
}

/// `90m`, `2h`, `1d`, or `1c`: until the end of the day in Beijing; 1m to 15d (facts 2.1).
fn timeout_express(text: &str, unix: u64) -> Option<Duration> {
    if text == "1c" {
        let into_the_day = (unix + 8 * 3600) % DAY;
        return Some(Duration::from_secs(DAY - into_the_day));
    }
    let unit = match text.bytes().last()? {
        b'm' => 60,
        b'h' => 3600,
        b'd' => DAY,
        _ => return None,
    };
    let number = text.get(..text.len() - 1)?;
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let seconds = number.parse::<u64>().ok().filter(|_| digits)?.checked_mul(unit)?;
    (60..=15 * DAY).contains(&seconds).then(|| Duration::from_secs(seconds))
}

fn missing(name: &str) -> Refusal {
    invalid(format!("{name} is missing or empty"))
}

/// 40004: the business refuses it.
fn invalid(reason: impl Into<String>) -> Refusal {
    Refusal::new(40004, "ACQ.INVALID_PARAMETER", reason)
}

const DAY: u64 = 24 * 3600;

/// What must be a text if it is there, and how long it may be: the models of the official SDK
/// (facts 2.1). `terminal_params` is one too, for all that it looks like JSON; how long it may be
/// is not specified.
const TEXTS: [(&str, usize); 6] = [
    ("body", 128),
    ("operator_id", 28),
    ("refund_reason", 256),
    ("store_id", 32),
    ("terminal_id", 32),
    ("terminal_params", 4096),
];
