//! The outbox: keeps on disk what must reach the cloud, until it has.
//!
//! Every trade must be reported, however it was paid (spec V1.0, chapter 2). The SDK's queue of
//! reports can be full because of the network, and takes nothing then (3.7). So a till appends its
//! reports to an [`Outbox`]: they are on disk when the call returns. They are sent later, by a
//! session ([`Outbox::duty`]) or by a flow that a client runs ([`Outbox::drain`]). A trade that
//! begins can be [announced](Outbox::announce): it is reported even if the host dies before it ends.
//!
//! ```
//! use std::time::Duration;
//!
//! use m26_pay::alipay::{Report, TradeResult};
//! use m26_pay::blocking::Session;
//! use m26_pay::engine::Settings;
//! use m26_pay::outbox::{Outbox, OutboxPolicy};
//! use m26_pay::session::Plan;
//! # use m26_pay::error::Error;
//! # use m26_pay::sim::modem::{self, ModemConfig, Modem};
//! # use m26_pay::sim::virtual_port::VirtualPort;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("till.db");
//! # let module = modem::ModemSettings { config: Some(ModemConfig::sample()), ..modem::ModemSettings::default() };
//! # let mut module = Some(module);
//! # let open = move || Ok::<_, Error>(VirtualPort::new(Modem::new(module.take().unwrap())));
//!
//! let outbox = Outbox::open(&path, OutboxPolicy::default())?;
//! let mut session = Session::new(open, Plan::default(), Settings::default());
//! session.attach(outbox.duty());
//!
//! outbox.append(&Report::of("10.25".parse()?, TradeResult::Unsupported, 1548811777).build()?)?;
//! session.wait_ready(Duration::from_secs(60))?;
//! while outbox.summary().reports.due() > 0 {
//!     session.next_event(Some(Duration::from_secs(1)));
//! }
//! assert_eq!(outbox.summary().reports.held, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # One queue
//!
//! An outbox holds [`Item`]s of several [`Kind`]s: reports for the module, payments for an
//! [`Uploader`], and [orders](StoredOrder), which wait only for their outcome. The states of an item
//! are the same for all kinds:
//!
//! ```text
//! Announced ──> Pending <──> Sending ──> Held, RamOnly
//!                  ^  │         │
//!            retry │  │         └──> Parked, Rejected
//!                  │  └──> Expired
//!                  └──── Parked, Rejected, Expired ──> removed
//! ```
//!
//! "Held" means that the receiver has it. For a report that is the module: the SDK delivers it
//! later, and nothing tells when.
//!
//! # Delivery is at least once
//!
//! A report can reach the cloud twice. The spec gives the receiver **no field that always tells
//! duplicates apart**: `business_no` is absent in a trade that was not paid by Alipay, and in the
//! water-control project it is the agreement number, which many trades share. `time_stamp` and
//! `amount` together tell most of them apart. A report is sent a second time only if the outcome of
//! the first time is not known:
//!
//! * no answer came, the port was lost, or the module restarted while the report was sent;
//! * the host died after the report was sent and before the answer was on disk;
//! * the module may have lost what it held ([`OutboxPolicy::resend`], [`OutboxPolicy::module_queue`]).
//!
//! # What follows an answer
//!
//! Reports are sent in the order in which they were appended. Those behind a report that is tried
//! again wait for it.
//!
//! | answer to AT+ALIPAYREP | what follows |
//! |---|---|
//! | 0 | the module holds it: [`ItemState::Held`] |
//! | 7 | the module holds it in memory alone: [`ItemState::RamOnly`]. If the module restarts before the SDK was shut, it is pending again |
//! | 5, 6 | the network is busy, or the queue is full: it is tried again, after a wait that grows |
//! | −1, 3, 4, an unknown code, a refused command | it is tried again in the same way. If it [fails for too long](Parking) it is [`ItemState::Parked`], and the next ones go on |
//! | 2 | the SDK is not initialised. A flow ends; a session becomes ready again. Then it is tried again |
//! | 1 | the network is checked (and without a session the SDK). If they are in order, it is sent once more, and a second 1 means [`ItemState::Rejected`]. Otherwise it is tried again |
//! | none that is known | it is tried again, and counts as −1. The outstanding answer could be taken for that of another report, so no other report is sent until it came, until the module restarted, or until it is taken for lost: after [`engine::SETTLE`](crate::engine::SETTLE), or in a session after [`Plan::settle`](crate::session::Plan::settle) |
//!
//! A report that the profile cannot carry is rejected at once. Parked and rejected items are kept
//! and counted until somebody has them [tried again](Outbox::retry), at their old place in the
//! order, or [removes](Outbox::remove) them. The waits are those of [`OutboxPolicy::backoff`]. A success
//! shortens the next wait by one step only. So a queue that has room for one report at a time is asked
//! about as often as it gets room.
//!
//! # What a power cut does
//!
//! | when | what is on disk afterwards |
//! |---|---|
//! | before `append` returned | the report or not; if it is there, it is sent |
//! | after `append` returned | the report |
//! | before the commit that begins a batch | the reports of the batch, pending |
//! | between that commit and the one that settles the batch | the reports of the batch, pending; their outcome is not known, and all are sent (again) |
//! | after the commit that settles a batch | the reports in the states to which the answers led |
//! | while AT+ALIPAYACT is sent | as [`OutboxPolicy::usage_unknown`] says: the usage may be reported twice, or lost |
//! | while the uploader has a payment | the payment, which is handed out again |
//!
//! Each batch needs one commit: it settles the batch before and begins the new one.
//! [`OutboxPolicy::batch`] limits how many reports can be in doubt.
//!
//! # When the module restarts
//!
//! The outbox counts the boots of the module, and notes in which boot the module took each report.
//! A session's duty tells it what happens to the module. Without a session the caller tells it what
//! AT+ALIPAYOPEN answered ([`Outbox::module_opened`]), that AT+ALIPAYSHUT was confirmed
//! ([`Outbox::module_closed`]), and that the configuration was changed
//! ([`Outbox::cache_discarded`]). If AT+ALIPAYOPEN answers 0 and there was no AT+ALIPAYSHUT before,
//! the module restarted and nobody noticed.
//!
//! # Usage
//!
//! [`Outbox::count_usage`] counts, on disk, what AT+ALIPAYACT reports: voice broadcasts and scans. A
//! session's duty reports it every [`OutboxPolicy::usage_every`], the flow [`Outbox::report_usage`] at
//! once. When the module answers 0 or 7, exactly what was reported is subtracted. At any other answer
//! nothing is subtracted, and the usage is reported later. If the outcome is not known,
//! [`OutboxPolicy::usage_unknown`] decides. What was answered with 7 is added again when the module
//! restarts, as with reports. The water-control project reports no usage (spec chapter 2): if nothing
//! is counted, nothing is sent.
//!
//! # Payments of campus codes
//!
//! A payment is a payload that an [`Uploader`] brings to the server, oldest first, with the same
//! guarantees: [`Outbox::add_payment`]. It is due within [`OutboxPolicy::payment_due`]. After
//! [`OutboxPolicy::payment_last_moment`] it expires and is no longer uploaded:
//! [`Outbox::expired_payments`] lists it. A payment with a [key](PaymentKey) is not added twice.
//!
//! # Orders of the journal
//!
//! The outbox is also where a till keeps its journal of orders at a payment gateway:
//! `OutboxJournal` (feature `gateway`). An order is begun and its report announced with one commit,
//! and both end with one. Until then the report is [`ItemState::Ordered`], and is not sent.
//!
//! # The store
//!
//! [`SqliteStore`] is a file that one program at a time has open. Another [`Store`](store::Store) can
//! be used. A call that changes something waits for the disk: some milliseconds, more on a slow card.
//! The thread of a session that drains waits as well, also that of an async one. If that is too long,
//! give the session a thread of its own.
//!
//! While it is open, and after a power cut, it is two files, `till.db` and its log `till.db-wal`, which
//! belong together: [`SqliteStore`] says what becomes of one alone. [`Outbox::view`] looks at an
//! outbox that another program has open.
//!
//! If the disk is full, an append fails with [`OutboxError::NotSafe`]: this report is *not* safe, and
//! everything stored before is. Appends work again when there is room. Until then nothing is sent,
//! because that could not be written to the disk. If a program died while something was sent, the file
//! opens only if there is room to write that. For a damaged file the error is [`OutboxError::Open`],
//! and the file is left as it is: [`SqliteStore::set_aside`] renames it, and [`SqliteStore::salvage`]
//! reads what can be read. [`Limits`] say how much is kept; by default nothing is dropped, and the
//! append fails.

mod announce;
mod batch;
mod book;
mod drain;
mod duty;
mod error;
mod handle;
mod item;
#[cfg(feature = "gateway")]
mod journal;
mod limits;
mod losses;
mod order;
mod pace;
mod payment;
mod policy;
mod queue;
mod report;
mod row;
mod sender;
mod sqlite;
pub mod store;
mod transaction;
mod uploads;
mod usage;
mod usage_report;
mod verdict;

pub use drain::{Drain, Drained, End};
pub use duty::OutboxDuty;
pub use error::{Entry, LimitReason, OutboxError};
pub use handle::{Outbox, Summary};
pub use item::{Id, Item, ItemState, Kind};
#[cfg(feature = "gateway")]
pub use journal::OutboxJournal;
pub use order::StoredOrder;
pub use payment::{NewPayment, Payload, Payment, PaymentKey, Upload};
pub use policy::{
    BACKOFF, BATCH_REPORTS, BATCH_TIME, Batch, Limits, MODULE_QUEUE, OutboxPolicy, PARKING_AFTER,
    PARKING_FAILURES, PAYMENT_DUE, PAYMENT_LAST_MOMENT, Parking, Reached, Resend, USAGE_EVERY,
    UsageUnknown, WAITING,
};
pub use report::{Doubt, ReportAnswer};
pub use sqlite::{Salvage, SqliteStore};
pub use store::{Source, StoreError};
pub use uploads::{Added, NextPayment, Uploaded, Uploader};
pub use usage::{Usage, UsageStanding};
pub use usage_report::{UsageReport, UsageReported};

use crate::unix_time::UnixMillis;
