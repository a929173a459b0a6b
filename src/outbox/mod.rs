//! What must reach the cloud, kept on disk until it has.

mod book;
mod error;
mod handle;
mod limits;
mod payment;
mod policy;
mod record;
mod sqlite;
pub mod store;
mod time;
mod usage;

pub use error::{Error, LimitReached};
pub use handle::{Outbox, Summary};
pub use payment::{Payload, Payment, PaymentId, PaymentKey, PaymentState, Upload};
pub use policy::{
    BACKOFF, BATCH_RECORDS, BATCH_TIME, Batch, Limits, PARKING_AFTER, PARKING_FAILURES,
    PAYMENT_DUE, PAYMENT_LAST_MOMENT, Parking, Policy, Reached, Resend, USAGE_EVERY, UsageUnknown,
    WAITING,
};
pub use record::{Answer, Doubt, Record, RecordId, RecordState};
pub use sqlite::SqliteStore;
pub use store::StoreError;
pub use time::UnixMillis;
pub use usage::{Usage, Uses};
