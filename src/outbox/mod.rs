//! What must reach the cloud, kept on disk until it has.

mod announce;
mod book;
mod boot;
mod counters;
mod courier;
mod drain;
mod duty;
mod error;
mod flight;
mod handle;
mod limits;
mod payment;
mod payments;
mod policy;
mod record;
mod settle;
mod sqlite;
pub mod store;
mod usage;

pub use counters::{UsageReport, UsageReported};
pub use drain::{Drain, Drained, End};
pub use duty::OutboxDuty;
pub use error::{Error, LimitReached};
pub use handle::{Outbox, Summary};
pub use payment::{NewPayment, Payload, Payment, PaymentId, PaymentKey, PaymentState, Upload};
pub use payments::{Added, NextPayment, Uploaded, Uploader};
pub use policy::{
    BACKOFF, BATCH_RECORDS, BATCH_TIME, Batch, Limits, MODULE_QUEUE, PARKING_AFTER,
    PARKING_FAILURES, PAYMENT_DUE, PAYMENT_LAST_MOMENT, Parking, Policy, Reached, Resend,
    USAGE_EVERY, UsageUnknown, WAITING,
};
pub use record::{Answer, Doubt, Record, RecordId, RecordState};
pub use sqlite::SqliteStore;
pub use store::{Source, StoreError};
pub use usage::{Usage, Uses};

use crate::wall::UnixMillis;
