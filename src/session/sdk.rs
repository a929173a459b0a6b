//! [`Sdk`]: what a session knows of the SDK inside the module.

use std::time::Instant;

use crate::alipay::BizTid;
use crate::at::command::Request;
use crate::session::demand::Demand;

/// What is known of the SDK.
#[derive(Debug, Default)]
pub(super) struct Sdk {
    /// The product information was reported in this boot.
    pub(super) product_info_reported: bool,
    /// It said that it is not initialised, though it was opened.
    pub(super) suspect: bool,
    /// SHUT was sent in this boot, so it opens only after a restart.
    pub(super) shut: bool,
    /// This session opened it, or saw the module boot: so it works on no command of an earlier
    /// program.
    pub(super) known: bool,
    pub(super) biz_tid: Option<BizTid>,
    /// It was opened in this boot, and not shut.
    pub(super) running: bool,
    /// Results of callers' commands that may still come. An engine that does not know of one would
    /// take it for that of a later command.
    pub(super) outstanding: Vec<Outstanding>,
    /// The result prefixes of commands that were allowed and have not ended.
    pub(super) in_flight: Vec<(&'static str, Request)>,
    /// Outstanding results that block other commands of their kind.
    pub(super) blocking: Vec<&'static str>,
    /// Since when there have been any.
    pub(super) blocked: Option<Instant>,
    /// Until when an outstanding signature may come that nobody waits for. Before then, and before
    /// the module's clock can tell it from the next one, no other is asked for.
    pub(super) signature: Option<Instant>,
    /// How many signatures in a row were not there at their deadline.
    pub(super) lost_signatures: u32,
    /// How many signatures in a row say that they were made before they were asked for. If there are
    /// several, they were made by another clock than the one that the module shows.
    pub(super) early_signatures: u32,
    /// A signature may be outstanding of which the engine does not know: one that an earlier program
    /// asked for, or one that was asked for before the port was lost.
    pub(super) strangers: bool,
    /// Until when such signatures may come. One that comes before then may not be the only one.
    strangers_until: Option<Instant>,
    /// A signature that was made before this, by the module's clock, belongs to an earlier request.
    pub(super) asked_after: Option<i64>,
    /// Results that were outstanding for so long that they are taken for lost.
    pub(super) lost: Vec<&'static str>,
    /// The port was lost, so the engine does not know what is outstanding.
    pub(super) forgotten: bool,
    /// The next change of the configuration may discard what the module holds: `reconfigure` asked
    /// for it.
    pub(super) forced: bool,
    /// The module holds no reports: a change of the configuration discarded them, and nothing was
    /// reported since.
    pub(super) empty: bool,
    /// Values of the configuration that the module showed differently right after they were set.
    pub(super) tolerated: Vec<&'static str>,
}

/// An outstanding result.
#[derive(Debug)]
pub(super) struct Outstanding {
    pub(super) prefix: &'static str,
    /// The command that it answers; `None` if that command expects no result of its own.
    pub(super) request: Option<Request>,
}

impl Outstanding {
    fn new(prefix: &'static str, request: &Request) -> Self {
        Self { prefix, request: request.awaited().is_some().then(|| request.clone()) }
    }
}

impl Sdk {
    /// A command has ended.
    pub(super) fn landed(&mut self, demand: &Demand) {
        for result in demand.results() {
            if let Some(found) = self.in_flight.iter().position(|(prefix, _)| *prefix == result) {
                self.in_flight.swap_remove(found);
            }
        }
    }

    /// Whether a command that signs is under way.
    pub(super) fn signs(&self) -> bool {
        self.in_flight.iter().any(|(prefix, _)| *prefix == SIGNATURE)
    }

    /// The port was lost, and with it the engine that knew what is outstanding.
    pub(super) fn forget(&mut self, until: Instant) {
        self.forgotten = true;
        if self.signs() || self.signature.is_some() {
            self.expect_stranger(until);
        }
        let room = LIMIT.saturating_sub(self.outstanding.len());
        let cut_off = self.in_flight.iter().take(room);
        self.outstanding.extend(cut_off.map(|(prefix, request)| Outstanding::new(prefix, request)));
        self.still_blocks(|_| false);
    }

    /// A signature of which the engine does not know may come until this time.
    pub(super) fn expect_stranger(&mut self, until: Instant) {
        self.signature = self.signature.max(Some(until));
        self.strangers_until = self.strangers_until.max(Some(until));
        self.strangers = true;
    }

    /// The results of a command are outstanding.
    pub(super) fn miss(&mut self, demand: &Demand, request: &Request, until: Instant) {
        if demand.signs() {
            self.signature = self.signature.max(Some(until));
        }
        if self.outstanding.len() < LIMIT {
            let missed = |prefix| Outstanding::new(prefix, request);
            self.outstanding.extend(demand.results().map(missed));
        }
        if self.blocking.len() < LIMIT {
            self.blocking.extend(demand.blocking_results());
        }
    }

    /// The engine was told what is outstanding, and refuses other commands of these kinds. A signature
    /// has a time of its own.
    pub(super) fn block_what_is_outstanding(&mut self) {
        let outstanding = std::mem::take(&mut self.outstanding);
        self.blocking = outstanding.iter().map(|due| due.prefix).collect();
        self.blocking.retain(|prefix| *prefix != SIGNATURE);
    }

    /// Reports of an earlier program may still be answered.
    pub(super) fn block_reports(&mut self) {
        self.blocking.push("+ALIPAYREP");
    }

    /// An outstanding result came: one that the engine has `missed`, or another. Another one of its
    /// kind may have been missed meanwhile.
    pub(super) fn came(&mut self, now: Instant, missed: bool, is_it: impl Fn(&str) -> bool) {
        // Where the engine knows what is due, another is not it.
        let is_due = missed || self.signature.is_some_and(|until| until > now);
        let is_last = self.strangers_until.is_none_or(|until| until <= now);
        if is_it(SIGNATURE) && is_due && is_last {
            self.signature = None;
        }
        if let Some(found) = self.outstanding.iter().position(|due| is_it(due.prefix)) {
            self.outstanding.swap_remove(found);
        }
        if let Some(found) = self.blocking.iter().position(|prefix| is_it(prefix)) {
            self.blocking.swap_remove(found);
        }
        self.still_blocks(|_| true);
    }

    /// Only the results for which this holds still block other commands of their kind.
    pub(super) fn still_blocks(&mut self, blocks: impl Fn(&str) -> bool) {
        self.blocking.retain(|result| blocks(result));
        if self.blocking.is_empty() {
            self.blocked = None;
        }
    }

    /// Since when an outstanding result blocks others.
    pub(super) fn blocked_since(&mut self, now: Instant) -> Option<Instant> {
        if !self.blocking.is_empty() {
            self.blocked.get_or_insert(now);
        }
        self.blocked
    }

    /// No signature is outstanding any more.
    pub(super) fn no_signature_is_due(&mut self) {
        self.signature = None;
        self.outstanding.retain(|due| due.prefix != SIGNATURE);
    }

    /// What blocks others is taken for lost.
    pub(super) fn lose_blocking(&mut self) {
        self.lost = names(&self.blocking);
        self.still_blocks(|_| false);
    }

    /// The module was restarted.
    pub(super) fn boot(&mut self) {
        (self.product_info_reported, self.suspect, self.shut) = (false, false, false);
        (self.running, self.forgotten, self.known) = (false, false, true);
        (self.strangers, self.strangers_until) = (false, None);
        (self.signature, self.asked_after) = (None, None);
        (self.lost_signatures, self.early_signatures) = (0, 0);
        self.outstanding.clear();
        self.lost.clear();
        self.still_blocks(|_| false);
    }
}

fn names(results: &[&'static str]) -> Vec<&'static str> {
    let mut names = results.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

pub(super) const SIGNATURE: &str = "+ALIPAYSIGN";

/// Not specified; chosen because more results are not missed before the module is restarted, and
/// memory must be bounded.
const LIMIT: usize = 16;
