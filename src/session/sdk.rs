//! What a session knows of the SDK inside the module.

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
    /// It was opened by this session, or its module was seen to start: what it works on is known.
    pub(super) known: bool,
    pub(super) biz_tid: Option<BizTid>,
    /// It was opened in this boot, and not shut.
    pub(super) running: bool,
    /// Results of callers' commands that may still come, by prefix. Each would be taken for that of
    /// a later command by an engine that does not know of it.
    pub(super) outstanding: Vec<Outstanding>,
    /// Results of callers' commands that were let through and have not ended.
    pub(super) in_flight: Vec<(&'static str, Request)>,
    /// Of these, the results without which no other command of their kind can begin.
    pub(super) blocking: Vec<&'static str>,
    /// Since when there have been any.
    pub(super) blocked: Option<Instant>,
    /// A signature that nobody waits for any more may come. No other is asked for before then, and
    /// before the module's clock can tell it from the next one.
    pub(super) signature: Option<Instant>,
    /// Signatures in a row that did not come, though they had all their time.
    pub(super) lost_signatures: u32,
    /// Signatures in a row that say that they were made before the request. If there are several, the
    /// clock that tells so is another one than the module shows.
    pub(super) early_signatures: u32,
    /// A signature may be due of which the engine does not know: that of an earlier program, or one that
    /// was asked for before the port was lost.
    pub(super) strangers: bool,
    /// A signature that was made before this, by the module's clock, is of an earlier request.
    pub(super) asked_after: Option<i64>,
    /// Results that have not come for so long that they are taken for lost.
    pub(super) lost: Vec<&'static str>,
    /// The engine does not know what is outstanding: the port was lost since.
    pub(super) forgotten: bool,
    /// The caller has forced the next change of the configuration.
    pub(super) forced: bool,
    /// A change of the configuration discarded what it held, and nothing was reported since.
    pub(super) empty: bool,
    /// Values that the module showed otherwise right after they were set.
    pub(super) tolerated: Vec<&'static str>,
}

/// A result that may still come.
#[derive(Debug)]
pub(super) struct Outstanding {
    pub(super) prefix: &'static str,
    /// The command that it answers, if that waits for nothing else.
    pub(super) request: Option<Request>,
}

impl Outstanding {
    fn new(prefix: &'static str, request: &Request) -> Self {
        Self { prefix, request: request.result.is_some().then(|| request.clone()) }
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

    /// Whether a signature is waited for.
    pub(super) fn signs(&self) -> bool {
        self.in_flight.iter().any(|(prefix, _)| *prefix == SIGNATURE)
    }

    /// The port is gone, and with it the engine that knew what is outstanding.
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

    /// A signature may come until then of which the engine does not know.
    pub(super) fn expect_stranger(&mut self, until: Instant) {
        self.signature = self.signature.max(Some(until));
        self.strangers = true;
    }

    /// What a command has caused may still come.
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

    /// The engine was told of what is outstanding, and refuses others of their kind. A signature has a
    /// time of its own.
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
        if is_it(SIGNATURE) && (missed || self.signature.is_some_and(|until| until > now)) {
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

    /// Only these still keep others of their kind from beginning.
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

    /// No signature that was asked for before is due any more.
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
        self.strangers = false;
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

/// Not specified; chosen because nobody misses more results before the module is restarted, and
/// memory must be bounded.
const LIMIT: usize = 16;
