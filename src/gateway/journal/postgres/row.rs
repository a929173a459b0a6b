//! An entry as a row, and back.

use std::sync::Arc;
use std::time::Duration;

use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::failure::Failure;
use crate::amount::Amount;
use crate::gateway::alipay::{
    AppId, Code, GatewayUrl, Identity, OutRequestNo, OutTradeNo, SellerId, SubCode, TradeNo,
};
use crate::gateway::journal::{
    Entry, EntryKey, EntryKind, Evidence, Holder, Owner, Said, Stage, WrittenOutcome,
};
use crate::unix_time::UnixMillis;

/// A value of a statement.
pub(super) type Value = Box<dyn ToSql + Send + Sync>;

/// The values that tell an entry from all others: `$1` to `$5` of every statement that names one.
pub(super) fn key(key: &EntryKey) -> Vec<Value> {
    let Identity { gateway, app_id, seller_id } = &*key.identity;
    let request = key.out_request_no.as_ref().map_or("", OutRequestNo::as_str);
    let seller = seller_id.as_ref().map_or("", SellerId::as_str);
    let parts = [key.out_trade_no.as_str(), request, app_id.as_str(), seller, gateway.as_str()];
    parts.into_iter().map(|part| value(part.to_owned())).collect()
}

/// The values of an identity: `$1` to `$3` of the statement that names one.
pub(super) fn identity(identity: &Identity) -> Vec<Value> {
    let seller = identity.seller_id.as_ref().map_or("", SellerId::as_str);
    let parts = [identity.app_id.as_str(), seller, identity.gateway.as_str()];
    parts.into_iter().map(|part| value(part.to_owned())).collect()
}

/// The values of an entry that is to be written with this version: `$1` to `$27`.
pub(super) fn values(entry: &Entry, version: u64) -> Vec<Value> {
    let mut values = key(&entry.key());
    let millis = |time: Duration| i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    let owner = entry.owner.as_ref();
    // The lease of an open entry runs by the server's clock; a settled one has none.
    let lease = owner.filter(|_| entry.is_open()).map(|owner| owner.until.since(entry.changed));
    let until = owner.filter(|_| !entry.is_open()).map(|owner| owner.until.0.clamp(-LAST, LAST));
    let Evidence { trade_no, seen, last } = &entry.evidence;
    let outcome = entry.outcome.as_ref().map(WrittenOutcome::of);
    let amount = outcome.as_ref().and_then(|outcome| outcome.amount);
    let ended_as = outcome.as_ref().and_then(|outcome| outcome.trade_no.as_ref());
    values.extend([
        value(entry.kind.written().0),
        value(entry.amount.to_string()),
        value(millis(entry.expires_after)),
        value(entry.stage.as_str()),
        value(entry.begun.0),
        value(entry.changed.0),
        value(owner.map(|owner| storable(owner.holder.as_str()))),
        value(lease.map(|lease| millis(lease).min(LAST))),
        value(until),
        value(i64::try_from(version).unwrap_or(i64::MAX)),
        value(trade_no.as_ref().map(|number| number.as_str().to_owned())),
        value(*seen),
    ]);
    values.extend(said_values(last.as_ref()));
    values.extend([
        value(outcome.as_ref().map(|outcome| outcome.is)),
        value(outcome.as_ref().and_then(|outcome| outcome.by)),
        value(amount.map(|amount| amount.to_string())),
        value(ended_as.map(|number| number.as_str().to_owned())),
    ]);
    values.extend(said_values(outcome.as_ref().and_then(|outcome| outcome.said.as_ref())));
    values
}

fn said_values(said: Option<&Said>) -> [Value; 3] {
    let sub_code = said.and_then(|said| said.sub_code.as_ref());
    [
        value(said.map(|said| i64::from(said.code.0))),
        value(sub_code.map(|sub_code| storable(sub_code.as_str()))),
        value(said.map(|said| said.verified)),
    ]
}

pub(super) fn value(value: impl ToSql + Send + Sync + 'static) -> Value {
    Box::new(value)
}

/// A text as the server can keep it: PostgreSQL has no U+0000 in a text, and what somebody answers
/// must not keep an order from being written.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// The entry of a row that has the [`columns`].
pub(super) fn read(row: &Row) -> Result<Entry, Failure> {
    let text = |column: &'static str| -> Result<String, Failure> { Ok(row.try_get(column)?) };
    let kind = maybe(row, "out_request_no", |text| OutRequestNo::new(text).ok())?;
    let holder: Option<String> = row.try_get("holder")?;
    let until: Option<i64> = row.try_get("until_ms")?;
    let identity = Identity {
        gateway: GatewayUrl::new(text("gateway")?).map_err(|_| Failure::Wrong("gateway"))?,
        app_id: AppId::new(text("app_id")?).map_err(|_| Failure::Wrong("app_id"))?,
        seller_id: maybe(row, "seller_id", |text| SellerId::new(text).ok())?,
    };
    let unsigned = |column: &'static str| -> Result<u64, Failure> {
        u64::try_from(row.try_get::<_, i64>(column)?).map_err(|_| Failure::Wrong(column))
    };
    let number = OutTradeNo::new(text("out_trade_no")?);
    Ok(Entry {
        identity: Arc::new(identity),
        out_trade_no: number.map_err(|_| Failure::Wrong("out_trade_no"))?,
        kind: EntryKind::read(&text("kind")?, kind).ok_or(Failure::Wrong("kind"))?,
        amount: text("yuan")?.parse().map_err(|_| Failure::Wrong("amount"))?,
        expires_after: Duration::from_millis(unsigned("expires_after_ms")?),
        stage: Stage::read(&text("stage")?).ok_or(Failure::Wrong("stage"))?,
        evidence: Evidence {
            trade_no: trade_no(row, "trade_no")?,
            seen: row.try_get("seen")?,
            last: said(row, ["said_code", "said_sub_code", "said_verified"])?,
        },
        begun: UnixMillis(row.try_get("begun_ms")?),
        changed: UnixMillis(row.try_get("changed_ms")?),
        owner: holder.zip(until).map(|(holder, until)| Owner {
            holder: Holder::new(&holder),
            until: UnixMillis(until),
        }),
        version: unsigned("version")?,
        outcome: match row.try_get::<_, Option<&str>>("outcome")? {
            None => None,
            Some(is) => {
                let outcome = WrittenOutcome {
                    is,
                    by: row.try_get("outcome_by")?,
                    amount: maybe(row, "outcome_yuan", |text| text.parse::<Amount>().ok())?,
                    trade_no: trade_no(row, "outcome_trade_no")?,
                    said: said(row, ["outcome_code", "outcome_sub_code", "outcome_verified"])?,
                };
                Some(outcome.read().map_err(Failure::Wrong)?)
            }
        },
    })
}

fn maybe<T>(
    row: &Row,
    column: &'static str,
    parse: impl FnOnce(&str) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(|text| parse(text).ok_or(Failure::Wrong(column))).transpose()
}

fn trade_no(row: &Row, column: &'static str) -> Result<Option<TradeNo>, Failure> {
    maybe(row, column, |text| TradeNo::new(text).ok())
}

fn said(row: &Row, [code, sub_code, verified]: [&'static str; 3]) -> Result<Option<Said>, Failure> {
    let Some(number) = row.try_get::<_, Option<i64>>(code)? else { return Ok(None) };
    let verified: Option<bool> = row.try_get(verified)?;
    Ok(Some(Said {
        code: Code(u32::try_from(number).map_err(|_| Failure::Wrong(code))?),
        sub_code: row.try_get::<_, Option<&str>>(sub_code)?.map(SubCode::new),
        verified: verified.ok_or(Failure::Wrong(code))?,
    }))
}

/// Those that [`read`] reads.
macro_rules! columns {
    () => {
        "gateway, app_id, seller_id, out_trade_no, out_request_no, kind, amount::text AS yuan, \
         expires_after_ms, stage, begun_ms, changed_ms, holder, \
         round(extract(epoch FROM held_until) * 1000)::bigint AS until_ms, version, trade_no, \
         seen, said_code, said_sub_code, said_verified, outcome, outcome_by, \
         outcome_amount::text AS outcome_yuan, outcome_trade_no, outcome_code, outcome_sub_code, \
         outcome_verified"
    };
}
pub(super) use columns;

/// The greatest time that the server is given, in milliseconds: in the year 100,000. Its own limit
/// is in 294,276.
const LAST: i64 = 3_093_527_980_800_000;
