//! [`Books`], for `--db`: every trade is on disk before the module has it, so that it is reported
//! whatever happens to the till.
//!
//! The spec asks for a report of every trade (chapter 2), and a till may lose its power at any
//! moment. So a payment goes through the outbox in this order:
//!
//! 1. *Before the signature is asked for*, the trade is announced, with the outcome −1 (交易结果无法
//!    获取, the result is not available). With the signature the till's server asks for the money, so
//!    from here on there may be a trade. If the till dies now, its next run sends this report: it
//!    cannot know how the trade ended, and the report says so. (A till with a server would ask it
//!    first, and complete the report with its answer.)
//! 2. *When the outcome is known*, the report replaces the announcement. It cannot be earlier.
//! 3. Only then it is sent. If the till dies meanwhile, it is not known whether the module has it. It
//!    is sent again: it may arrive twice, but it does arrive.
//!
//! A payment that was not signed is not a trade, because its money cannot have been asked for: its
//! announcement is withdrawn. If the outcome is known at once, as with cash, the report is appended
//! and no announcement is needed.

use std::path::Path;
use std::time::Duration;

use m26_pay::alipay::{Opened, Report};
use m26_pay::error::Stage;
use m26_pay::outbox::{self, Drained, End, Entry, Id, Outbox, OutboxPolicy};

use crate::Options;
use crate::line::Line;
use crate::till::{Till, print, say};
use crate::trouble::Trouble;

/// What the till keeps on disk.
pub struct Books {
    outbox: Outbox,
    patience: Duration,
}

impl Books {
    /// Opens the file of `--db`, if there is one.
    pub fn open(options: &Options) -> Result<Option<Self>, Trouble> {
        let Some(path) = &options.db else { return Ok(None) };
        let outbox = Outbox::open(path, OutboxPolicy::default())
            .map_err(|error| Trouble::outbox(Entry::Opening, &error))?;
        Ok(Some(Self { outbox, patience: options.patience }))
    }

    /// Says what an earlier run has left.
    pub fn introduce(&self, options: &Options) {
        let path = options.db.as_deref().unwrap_or(Path::new(""));
        print(&format!(
            "Its outbox is {}: {}.",
            path.display(),
            match self.left() {
                0 => "an earlier run has left nothing to report".into(),
                left => format!("an earlier run has left {left} to report, which go first"),
            }
        ));
    }

    /// How many reports the module has not taken yet.
    pub fn left(&self) -> u64 {
        self.outbox.summary().reports.due()
    }

    /// The SDK is open. Reports that a restarted module may have lost are pending again.
    pub fn opened(&self, opened: Opened) -> Result<(), Trouble> {
        let lost = self.outbox.module_opened(opened).map_err(unsettled)?;
        if lost > 0 {
            say("The module was restarted, and may have lost reports.");
            say(&format!("Reports that are sent again: {lost}."));
        }
        Ok(())
    }

    /// A change of the configuration follows: the SDK discards what it holds.
    pub fn discarded(&self) -> Result<(), Trouble> {
        self.outbox.cache_discarded().map(|_| ()).map_err(unsettled)
    }

    /// The module restarted by itself, or switches off.
    pub fn restarted(&self) {
        // If it fails, the next OPEN shows the restart as well.
        drop(self.outbox.module_restarted());
    }

    /// The SDK is closed, and has saved what it held.
    pub fn closed(&self) -> Result<(), Trouble> {
        self.outbox.module_closed().map_err(unsettled)
    }

    /// A payment is about to begin.
    pub fn announce(&self, report: &Report) -> Result<Id<Report>, Trouble> {
        let announced = self.outbox.announce(report);
        announced.map_err(|error| Trouble::outbox(Entry::Announcing, &error))
    }

    /// The payment did not take place.
    pub fn withdraw(&self, id: Id<Report>) {
        if let Err(error) = self.outbox.withdraw(id) {
            say(&format!("The announcement of the trade stays: {error}."));
        }
    }

    /// A trade has ended: one that was announced, or another one.
    pub fn keep(&self, announced: Option<Id<Report>>, report: &Report) -> Result<(), Trouble> {
        match announced {
            Some(id) => self.outbox.complete(id, report),
            None => self.outbox.append(report).map(|_| ()),
        }
        .map_err(|error| {
            let entry = if announced.is_some() { Entry::Outcome } else { Entry::Trade };
            Trouble::outbox(entry, &error)
        })
    }
}

impl<L: Line> Till<L> {
    /// Reports what an earlier run has left, before the first customer.
    pub async fn catch_up(&mut self) -> Result<(), Trouble> {
        let left = self.books.as_ref().map_or(0, Books::left);
        if left == 0 {
            return Ok(());
        }
        self.begin(&format!("Reporting what an earlier run has left: {left}"));
        self.stage = Stage::Reporting;
        self.drain().await
    }

    /// Sends the pending reports, in order, at most for the patience of the till.
    pub async fn drain(&mut self) -> Result<(), Trouble> {
        let Some(books) = &mut self.books else { return Ok(()) };
        let drain = books.outbox.drain().patience(books.patience);
        let drained = self.line.run(drain, |progress| say(&progress.to_string())).await;
        self.notice().await;
        let drained = drained.map_err(unsettled)?;
        say_drained(&drained);
        match drained.end {
            End::Empty => Ok(()),
            End::OutOfPatience => {
                say("The till goes on. The reports are on disk, and are sent later.");
                // The module had all its time once.
                if let Some(books) = &mut self.books {
                    books.patience = books.patience.min(IMPATIENT);
                }
                Ok(())
            }
            end => {
                self.open = false;
                Err(Trouble::on_disk(drained.left, end))
            }
        }
    }

    /// The end of the day: nothing should be left.
    pub fn balance(&self) -> Result<(), Trouble> {
        match self.books.as_ref().map(Books::left) {
            None => Ok(()),
            Some(0) => {
                say("Nothing is left to report.");
                Ok(())
            }
            Some(left) => Err(Trouble::on_disk(left, End::OutOfPatience)),
        }
    }
}

fn say_drained(drained: &Drained) {
    let Drained { held, ram_only, parked, rejected, left, .. } = *drained;
    for (count, reports, then) in [
        (held, "Reports that the module holds", "It sends them when it can."),
        (
            ram_only,
            "Reports that the module holds in memory alone",
            "If a restart loses them, they are sent again.",
        ),
        (parked, "Reports that failed for too long and are parked", "See `m26 outbox list`."),
        (rejected, "Reports that the module rejected", "See `m26 outbox list`."),
        (left, "Reports that are left on disk", "The next run sends them first."),
    ] {
        if count > 0 {
            say(&format!("{reports}: {count}. {then}"));
        }
    }
}

/// The reports stay on disk, but their outcome could not be written.
fn unsettled(error: outbox::OutboxError) -> Trouble {
    Trouble::outbox(Entry::Settling, &error)
}

const IMPATIENT: Duration = Duration::from_secs(2);
