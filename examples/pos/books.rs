//! `--db`: every trade is on disk before the module has it, so that it is reported whatever happens
//! to the till.
//!
//! The spec asks for a report of every trade (chapter 2), and a till may lose its power at any
//! moment. So a payment goes through the outbox in this order:
//!
//! 1. *Before the signature is asked for*, the trade is announced, with the outcome −1 (交易结果无法
//!    获取, it could not be had). With the signature the till's server asks for the money, so from
//!    here on there may be a trade. A till that dies now comes back with this report: it cannot know
//!    how the trade ended, and its next run says just that. (A till with a server would ask it
//!    first, and complete the report with what it says.)
//! 2. *Once the outcome is known*, the report takes the place of the announcement. That is as early
//!    as it can be.
//! 3. Only then it is sent. If the till dies meanwhile, it is not known whether the module has it: it
//!    is sent again, so it may arrive twice, and never not at all.
//!
//! A payment that was not signed is no trade, since its money cannot have been asked for: its
//! announcement is withdrawn. Where the outcome is known at once, as with cash, the report is
//! appended and no announcement is needed.

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
    /// Opens the file that was named, if one was.
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

    /// The SDK is open. What a restarted module may have lost is pending again.
    pub fn opened(&self, opened: Opened) -> Result<(), Trouble> {
        let lost = self.outbox.module_opened(opened).map_err(unsettled)?;
        if lost > 0 {
            say(&format!("The module was restarted, and has lost {lost} reports: they go again."));
        }
        Ok(())
    }

    /// The configuration is about to be changed: the SDK discards what it holds.
    pub fn discarded(&self) -> Result<(), Trouble> {
        self.outbox.cache_discarded().map(|_| ()).map_err(unsettled)
    }

    /// The module was restarted by itself, or goes off.
    pub fn restarted(&self) {
        // Should it fail, the next OPEN tells of the restart as well.
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

    /// A trade is over: one that was announced, or another one.
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
    /// What an earlier run has left goes before the first customer.
    pub async fn catch_up(&mut self) -> Result<(), Trouble> {
        let left = self.books.as_ref().map_or(0, Books::left);
        if left == 0 {
            return Ok(());
        }
        self.begin(&format!("Reporting what an earlier run has left: {left}"));
        self.stage = Stage::Reporting;
        self.drain().await
    }

    /// Has the module take what is pending, in order, for as long as there is patience.
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
                say("The till goes on: they are on disk, and go when the module takes them.");
                // It was given its time once.
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
    for (count, before, after) in [
        (held, "The module holds", "and sends what it holds when it can"),
        (
            ram_only,
            "The module holds",
            "in memory alone: should a restart lose them, they go again",
        ),
        (parked, "Failed for too long, and parked:", "see `m26 outbox list`"),
        (rejected, "Rejected by the module:", "see `m26 outbox list`"),
        (left, "Left on disk:", "which the next run sends first"),
    ] {
        if count > 0 {
            let reports = if count == 1 { "report" } else { "reports" };
            say(&format!("{before} {count} {reports}, {after}."));
        }
    }
}

/// What is on disk stays there, but what became of it could not be written down.
fn unsettled(error: outbox::OutboxError) -> Trouble {
    Trouble::outbox(Entry::Settling, &error)
}

const IMPATIENT: Duration = Duration::from_secs(2);
