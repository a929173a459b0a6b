//! What must reach the cloud, kept on disk until it has.
//!
//! Every trade must be reported, whichever way it was paid, and the SDK's queue may be full because
//! of the network, and then takes nothing (spec V1.0, chapter 2 and 3.7). So a till hands its reports
//! to an [`Outbox`], which has them on disk when the call returns, and brings them to the module
//! later: by a flow that a client runs, [`Outbox::drain`], or by a session,
//! [`Outbox::duty`]. A trade that is only about to begin can be [announced](Outbox::announce), so that
//! a host which dies in the middle of it reports it too.
//!
//! ```
//! use std::time::Duration;
//!
//! use m26_pay::alipay::{Report, TradeResult};
//! use m26_pay::blocking::Session;
//! use m26_pay::engine::Settings;
//! use m26_pay::outbox::{Outbox, Policy};
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
//! let outbox = Outbox::open(&path, Policy::default())?;
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
//! # Delivery is at least once
//!
//! A report may reach the cloud twice, and the spec gives the receiver **no field that always tells
//! duplicates apart**: `business_no` is absent in a trade that was not paid by Alipay, and in the
//! water-control project it is the agreement number, the same for many trades. `time_stamp` and
//! `amount` together tell most of them apart, and that is all there is. A report is sent a second
//! time only where nobody knows what became of the first:
//!
//! * no answer came, the port went away, or the module restarted while it was being sent;
//! * the host died after it was sent and before the answer was on disk;
//! * the module may have lost what it had taken ([`Policy::resend`], [`Policy::module_queue`]).
//!
//! "Held" means that the module has it, not that it was delivered: the SDK sends its queue later, and
//! nothing says when.
//!
//! # What follows an answer
//!
//! Reports are sent in the order in which they were appended, and none passes one that is tried
//! again.
//!
//! | answer to AT+ALIPAYREP | what follows |
//! |---|---|
//! | 0 | the module holds it: [`ItemState::Held`] |
//! | 7 | the module holds it in memory alone, [`ItemState::RamOnly`]: pending again if the module restarts before the SDK was shut in order |
//! | 5, 6 | the network's trouble: tried again, after a wait that grows |
//! | −1, 3, 4, an unknown code, a refused command | tried again in the same way; what [fails for too long](Parking) is [`ItemState::Parked`], and the ones behind it go on |
//! | 2 | the SDK is not initialised: the flow ends, a session comes back to ready first, then it is tried again |
//! | 1 | the network is asked for (and, without a session, the SDK): if all is in order, it is sent once more, and a second 1 means [`ItemState::Rejected`]; otherwise tried again |
//! | none that is known | tried again as it is, counted like −1. An answer that may still come would be taken for that of another report, so the engine lets none pass until it has come, or two minutes after the same report was answered, or until the module has restarted. A session restarts it where it takes too long ([`Plan::settle`](crate::session::Plan::settle)); whoever runs the flow has to |
//!
//! What the profile cannot carry is rejected at once. What is parked or rejected is kept, counted,
//! told and listed until somebody has it [sent again](Outbox::retry), at its old place, or
//! [removed](Outbox::remove). The waits come from [`Policy::backoff`]; a success takes back one step
//! of it, so that a queue with room for one is asked at the pace at which it gets room.
//!
//! # What a power cut does
//!
//! | when | what is there afterwards |
//! |---|---|
//! | before `append` returned | the report or not; if so, it is sent |
//! | after `append` returned | the report |
//! | before the commit that begins a batch | the reports of the batch, pending |
//! | between that commit and the one that settles the batch | the reports of the batch, of unknown outcome: all are sent (again) |
//! | after the commit that settles a batch | what the answers led to |
//! | while AT+ALIPAYACT is under way | as [`Policy::usage_unknown`] says: the counts may be reported twice, or lost |
//! | while the uploader has a payment | the payment, which is handed out again |
//!
//! There is one commit to a batch: that which begins one settles the one before. How many reports
//! that leaves in doubt is bounded by [`Policy::batch`].
//!
//! # When the module restarts
//!
//! The outbox counts the boots of the module and keeps with each record the one that took it. A
//! session's duty tells it what happens; whoever runs the flow tells it what AT+ALIPAYOPEN answered
//! ([`Outbox::module_opened`]), that AT+ALIPAYSHUT was confirmed ([`Outbox::module_closed`]), and that
//! the configuration was changed ([`Outbox::cache_discarded`]). An AT+ALIPAYOPEN that answers 0 without
//! an AT+ALIPAYSHUT before it is a restart that nobody saw.
//!
//! # Counters
//!
//! [`Outbox::count`] adds to the counters of AT+ALIPAYACT, on disk. They are reported by a session's
//! duty every [`Policy::usage_every`], or by the flow [`Outbox::report_usage`], and reduced by exactly
//! what was reported once the module answered 0 or 7; what was counted meanwhile stays. At any other
//! answer they stay as they are and are reported later, after an unknown outcome as
//! [`Policy::usage_unknown`] says. What was answered with 7 comes back when the module restarts,
//! as with reports. The water-control project reports no counters (spec chapter 2): count nothing
//! there, and nothing is sent.
//!
//! # Payments of campus codes
//!
//! A payment is an opaque payload that an [`Uploader`] brings to the server, oldest first, with the
//! same guarantees: [`Outbox::add_payment`]. It is due within [`Policy::payment_due`], and after
//! [`Policy::payment_last_moment`] it is not uploaded any more but listed:
//! [`Outbox::expired_payments`]. With a [key](PaymentKey) the same one is not recorded twice.
//!
//! # The store
//!
//! [`SqliteStore`] is a file that is open in one program at a time; another [`Store`](store::Store)
//! can be used. A call that changes something waits for the disk: some milliseconds, on a bad card
//! more. So does a driver whose session drains, also an async one, whose thread does nothing else
//! meanwhile; give it a thread of its own if that is too long.
//!
//! Where the disk is full an append fails with [`Error::NotSafe`], which says that this report is
//! *not* safe; everything stored before is, and appends work again once there is room. Nothing is
//! sent meanwhile, since it could not be written down; and a file whose program died while something
//! was under way opens only when that can be written down. A damaged file is told by [`Error::Open`] and
//! left as it is: [`SqliteStore::set_aside`] and [`SqliteStore::salvage`] are for whoever decides what
//! becomes of it. [`Limits`] bound how much is kept; by default nothing is dropped, and the append
//! fails.

mod announce;
mod batch;
mod book;
mod drain;
mod duty;
mod error;
mod handle;
mod item;
mod limits;
mod losses;
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
pub use error::{Error, LimitReached};
pub use handle::{Outbox, Summary};
pub use item::{Id, Item, ItemState, Kind};
pub use payment::{NewPayment, Payload, Payment, PaymentKey, Upload};
pub use policy::{
    BACKOFF, BATCH_REPORTS, BATCH_TIME, Batch, Limits, MODULE_QUEUE, PARKING_AFTER,
    PARKING_FAILURES, PAYMENT_DUE, PAYMENT_LAST_MOMENT, Parking, Policy, Reached, Resend,
    USAGE_EVERY, UsageUnknown, WAITING,
};
pub use report::{Answer, Doubt};
pub use sqlite::{Salvage, SqliteStore};
pub use store::{Source, StoreError};
pub use uploads::{Added, NextPayment, Uploaded, Uploader};
pub use usage::{Usage, UsageStanding};
pub use usage_report::{UsageReport, UsageReported};

use crate::unix_time::UnixMillis;
