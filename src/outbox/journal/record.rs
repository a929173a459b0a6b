//! [`Record`]: an order as it is written. It is JSON, so that any tool can read it.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::report::ReportId;
use crate::gateway::alipay::{
    AppId, Code, GatewayUrl, Identity, OutRequestNo, OutTradeNo, SellerId, SubCode, TradeNo,
};
use crate::gateway::journal::{
    Entry, EntryKey, EntryKind, Evidence, Holder, Owner, Said, Settled, Stage, WrittenOutcome,
};
use crate::outbox::UnixMillis;

/// An order, and its report.
///
/// ```text
/// {"amount":"10.25","app_id":"2014…","begun":1795957200000,"changed":1795957201000,
///  "expires_after_ms":120000,"gateway":"https://openapi.alipay.com/gateway.do","kind":"barcode",
///  "out_trade_no":"A1_0","outcome":{"by":"pay","is":"paid",…},"report":17,"stage":"begun",…}
/// ```
///
/// Times are Unix milliseconds. What is not known is left out.
pub(super) struct Record {
    pub(super) entry: Entry,
    /// The number of its report.
    pub(super) report: Option<ReportId>,
}

/// The key of an order, which no other has: its parts, the number of the order first.
pub(super) fn key(key: &EntryKey) -> Vec<u8> {
    let Identity { gateway, app_id, seller_id } = &*key.identity;
    let request = key.out_request_no.as_ref().map_or("", OutRequestNo::as_str);
    let seller = seller_id.as_ref().map_or("", SellerId::as_str);
    let parts = [key.out_trade_no.as_str(), request, app_id.as_str(), seller, gateway.as_str()];
    parts.join("\0").into_bytes()
}

/// How the keys of all orders with this number begin.
pub(super) fn number_prefix(out_trade_no: &OutTradeNo) -> Vec<u8> {
    format!("{out_trade_no}\0").into_bytes()
}

impl Record {
    pub(super) fn write(&self) -> Vec<u8> {
        let Self { entry, report } = self;
        let Identity { gateway, app_id, seller_id } = &*entry.identity;
        let (kind, request) = entry.kind.written();
        let Evidence { trade_no, seen, last } = &entry.evidence;
        let owner = entry.owner.as_ref();
        let mut members = json!({
            "amount": entry.amount.to_string(),
            "app_id": app_id.as_str(),
            "begun": entry.begun.0,
            "changed": entry.changed.0,
            "expires_after_ms": u64::try_from(entry.expires_after.as_millis()).unwrap_or(u64::MAX),
            "gateway": gateway.as_str(),
            "holder": owner.map(|owner| owner.holder.as_str()),
            "kind": kind,
            "out_request_no": request.map(OutRequestNo::as_str),
            "out_trade_no": entry.out_trade_no.as_str(),
            "outcome": entry.outcome.as_ref().map(write_outcome),
            "held_until": owner.map(|owner| owner.until.0),
            "report": report.map(ReportId::get),
            "said": last.as_ref().map(write_said),
            "seen": seen,
            "seller_id": seller_id.as_ref().map(SellerId::as_str),
            "stage": entry.stage.as_str(),
            "trade_no": trade_no.as_ref().map(TradeNo::as_str),
            "version": entry.version,
        });
        leave_out_nulls(&mut members);
        members.to_string().into_bytes()
    }

    /// Reads a record. `Err` is the name of the part that is wrong.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let members: Map<String, Value> = serde_json::from_slice(bytes).map_err(|_| "the JSON")?;
        let object = Object(&members);
        let seller_id = object.maybe("seller_id", |text| SellerId::new(text).ok())?;
        let identity = Identity {
            gateway: object.parsed("gateway", |text| GatewayUrl::new(text).ok())?,
            app_id: object.parsed("app_id", |text| AppId::new(text).ok())?,
            seller_id,
        };
        let request = object.maybe("out_request_no", |text| OutRequestNo::new(text).ok())?;
        let kind = EntryKind::read(object.text("kind")?, request).ok_or("kind")?;
        let holder = object.maybe("holder", |text| Some(Holder::new(text)))?;
        let until = object.maybe_number("held_until")?.map(UnixMillis);
        let owner = match (holder, until) {
            (Some(holder), Some(until)) => Some(Owner { holder, until }),
            (None, None) => None,
            _ => return Err("holder"),
        };
        let evidence = Evidence {
            trade_no: object.trade_no()?,
            seen: object.flag("seen")?,
            last: object.member("said").map(read_said).transpose()?,
        };
        let entry = Entry {
            identity: Arc::new(identity),
            out_trade_no: object.parsed("out_trade_no", |text| OutTradeNo::new(text).ok())?,
            kind,
            amount: object.parsed("amount", |text| text.parse().ok())?,
            expires_after: Duration::from_millis(object.number("expires_after_ms")?),
            stage: object.parsed("stage", Stage::read)?,
            evidence,
            begun: UnixMillis(object.number("begun")?),
            changed: UnixMillis(object.number("changed")?),
            owner,
            version: object.number("version")?,
            outcome: object.member("outcome").map(read_outcome).transpose()?,
        };
        Ok(Self { entry, report: object.maybe_number("report")?.map(ReportId::new) })
    }
}

fn write_outcome(settled: &Settled) -> Value {
    let WrittenOutcome { is, by, amount, trade_no, said } = WrittenOutcome::of(settled);
    json!({
        "is": is,
        "amount": amount.map(|amount| amount.to_string()),
        "by": by,
        "said": said.as_ref().map(write_said),
        "trade_no": trade_no.as_ref().map(TradeNo::as_str),
    })
}

fn read_outcome(value: &Value) -> Result<Settled, &'static str> {
    let object = Object(value.as_object().ok_or("outcome")?);
    let outcome = WrittenOutcome {
        is: object.text("is")?,
        by: object.member("by").map(|_| object.text("by")).transpose()?,
        amount: object.maybe("amount", |text| text.parse().ok())?,
        trade_no: object.trade_no()?,
        said: object.member("said").map(read_said).transpose()?,
    };
    outcome.read()
}

fn write_said(said: &Said) -> Value {
    json!({
        "code": said.code.0,
        "sub_code": said.sub_code.as_ref().map(SubCode::as_str),
        "verified": said.verified,
    })
}

fn read_said(value: &Value) -> Result<Said, &'static str> {
    let object = Object(value.as_object().ok_or("said")?);
    Ok(Said {
        code: Code(object.number("code")?),
        sub_code: object.maybe("sub_code", |text| Some(SubCode::new(text)))?,
        verified: object.flag("verified")?,
    })
}

/// Members that are read by their names. An error is the name of the member.
struct Object<'a>(&'a Map<String, Value>);

impl<'a> Object<'a> {
    fn member(&self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &'static str) -> Result<&'a str, &'static str> {
        self.member(name).and_then(Value::as_str).ok_or(name)
    }

    fn parsed<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, &'static str> {
        parse(self.text(name)?).ok_or(name)
    }

    fn maybe<T>(
        &self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, &'static str> {
        self.member(name).map(|_| self.parsed(name, parse)).transpose()
    }

    fn number<T: Number>(&self, name: &'static str) -> Result<T, &'static str> {
        self.maybe_number(name)?.ok_or(name)
    }

    fn maybe_number<T: Number>(&self, name: &'static str) -> Result<Option<T>, &'static str> {
        self.member(name).map(|value| T::of(value).ok_or(name)).transpose()
    }

    fn flag(&self, name: &'static str) -> Result<bool, &'static str> {
        self.member(name).and_then(Value::as_bool).ok_or(name)
    }

    fn trade_no(&self) -> Result<Option<TradeNo>, &'static str> {
        self.maybe("trade_no", |text| TradeNo::new(text).ok())
    }
}

/// A number of a member.
trait Number: Sized {
    fn of(value: &Value) -> Option<Self>;
}

impl Number for i64 {
    fn of(value: &Value) -> Option<Self> {
        value.as_i64()
    }
}

impl Number for u64 {
    fn of(value: &Value) -> Option<Self> {
        value.as_u64()
    }
}

impl Number for u32 {
    fn of(value: &Value) -> Option<Self> {
        value.as_u64().and_then(|number| number.try_into().ok())
    }
}

fn leave_out_nulls(value: &mut Value) {
    let Value::Object(members) = value else { return };
    members.retain(|_, member| !member.is_null());
    members.values_mut().for_each(leave_out_nulls);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OPEN: &str = r#"{"amount":"10.25","app_id":"2014072300007148","begun":1795957200000,
        "changed":1795957201000,"expires_after_ms":120000,"held_until":1795957300000,
        "gateway":"https://openapi.alipay.com/gateway.do","holder":"till 1","kind":"barcode",
        "out_trade_no":"A1_0","report":17,"said":{"code":20000,"verified":true},"seen":false,
        "stage":"begun","version":3}"#;

    fn read(text: &str) -> Result<Record, &'static str> {
        Record::read(text.as_bytes())
    }

    #[test]
    fn what_is_written_is_read() {
        let record = read(OPEN).unwrap();
        assert_eq!(record.report.map(ReportId::get), Some(17));
        let again = Record::read(&record.write()).unwrap();
        assert_eq!((again.entry, again.report), (record.entry, record.report));
    }

    #[test]
    fn what_is_missing_or_wrong_is_told_by_its_name() {
        let Value::Object(members) = serde_json::from_str::<Value>(OPEN).unwrap() else {
            panic!("it is an object")
        };
        for name in members.keys() {
            let mut without = members.clone();
            without.remove(name);
            let found = Record::read(Value::Object(without).to_string().as_bytes());
            match name.as_str() {
                "report" | "said" => assert!(found.is_ok(), "{name}"),
                // One is nothing without the other.
                "held_until" => assert_eq!(found.err(), Some("holder")),
                _ => assert_eq!(found.err(), Some(name.as_str())),
            }
            let mut wrong = members.clone();
            wrong.insert(name.clone(), json!([]));
            assert!(Record::read(Value::Object(wrong).to_string().as_bytes()).is_err(), "{name}");
        }
        assert_eq!(read("").err(), Some("the JSON"));
    }

    #[test]
    fn an_outcome_without_its_proof_is_none() {
        for outcome in [
            r#"{"is":"paid","amount":"10.25"}"#,
            r#"{"is":"paid","by":"hearsay","amount":"10.25"}"#,
            r#"{"is":"not-paid","by":"refused"}"#,
            r#"{"is":"not-refunded","by":"closed"}"#,
            r#"{"is":"lost"}"#,
        ] {
            let text = OPEN.replacen('{', &format!("{{\"outcome\":{outcome},"), 1);
            assert!(read(&text).is_err(), "{outcome}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

        #[test]
        fn no_text_panics(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut text = OPEN.as_bytes().to_vec();
            let at = at.index(text.len());
            text[at] = byte;
            drop(Record::read(&text));
        }
    }
}
