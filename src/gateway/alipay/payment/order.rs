//! What a payment begins with.

use std::sync::Arc;
use std::time::Duration;

use crate::gateway::alipay::{Expiry, Identity, Pay, Precreate, Sale};
use crate::gateway::journal::{Entry, EntryKind, Evidence, Holder, Owner, Stage};
use crate::unix_time::UnixMillis;

/// An order that is to be paid by the customer's code.
#[derive(Clone, Debug)]
pub struct Order {
    pub(super) entry: Entry,
    pub(super) pay: Arc<Pay>,
}

/// An order that is to be paid by a code that the till shows.
#[derive(Clone, Debug)]
pub struct PrecreatedOrder {
    pub(super) entry: Entry,
    pub(super) precreate: Arc<Precreate>,
}

impl Order {
    /// An order of this identity, worked on by this holder, begun at this time by the wall clock.
    #[must_use]
    pub fn new(identity: Arc<Identity>, holder: Holder, pay: Pay, at: UnixMillis) -> Self {
        let entry = entry(identity, holder, pay.sale(), EntryKind::Barcode, at);
        Self { entry, pay: Arc::new(pay) }
    }
}

impl PrecreatedOrder {
    /// An order of this identity, worked on by this holder, begun at this time by the wall clock.
    #[must_use]
    pub fn new(
        identity: Arc<Identity>,
        holder: Holder,
        precreate: Precreate,
        at: UnixMillis,
    ) -> Self {
        let mut entry = entry(identity, holder, precreate.sale(), EntryKind::Precreated, at);
        entry.expires_after = entry.expires_after.saturating_add(CODE_VALID);
        Self { entry, precreate: Arc::new(precreate) }
    }
}

/// The entry of a sale that has not begun.
fn entry(
    identity: Arc<Identity>,
    holder: Holder,
    sale: &Sale,
    kind: EntryKind,
    at: UnixMillis,
) -> Entry {
    Entry {
        identity,
        out_trade_no: sale.out_trade_no().clone(),
        kind,
        amount: sale.total_amount(),
        expires_after: match sale.expiry() {
            Expiry::In(timeout) => timeout.longest(),
            // It is a time by the wall clock, which decides nothing here (rule T1).
            Expiry::At(_) => LONGEST,
        },
        stage: Stage::Begun,
        evidence: Evidence::default(),
        begun: at,
        changed: at,
        owner: Some(Owner { holder, until: UnixMillis(0) }),
        version: 0,
        outcome: None,
    }
}

/// The longest `timeout_express` (facts/alipay-gateway.md 2.1).
const LONGEST: Duration = Duration::from_secs(15 * 24 * 3600);

/// How long the code of a precreated order can be scanned (facts/alipay-gateway.md 2.2).
const CODE_VALID: Duration = Duration::from_secs(2 * 3600);
