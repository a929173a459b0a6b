//! What a session knows of the SDK inside the module.

use std::time::Instant;

use crate::alipay::BizTid;
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
    pub(super) biz_tid: Option<BizTid>,
    /// It was opened in this boot, and not shut.
    pub(super) running: bool,
    /// Results of callers' commands that may still come, by prefix. Each would be taken for that of
    /// a later command by an engine that does not know of it.
    pub(super) outstanding: Vec<&'static str>,
    /// Results of callers' commands that were let through and have not ended, by prefix.
    pub(super) in_flight: Vec<&'static str>,
    /// Of these, the results without which no other command of their kind can begin.
    pub(super) blocking: Vec<&'static str>,
    /// Since when there have been any.
    pub(super) blocked: Option<Instant>,
    /// The engine does not know what is outstanding: the port was lost since.
    pub(super) forgotten: bool,
    /// The caller has forced the next change of the configuration.
    pub(super) forced: bool,
    /// A change of the configuration discarded what it held, and nothing was reported since.
    pub(super) empty: bool,
    /// Values that the module showed otherwise right after they were set.
    pub(super) tolerated: Vec<&'static str>,
}

impl Sdk {
    /// A command has ended.
    pub(super) fn landed(&mut self, demand: &Demand) {
        for result in demand.results() {
            if let Some(found) = self.in_flight.iter().position(|prefix| *prefix == result) {
                self.in_flight.swap_remove(found);
            }
        }
    }

    /// The port is gone, and with it the engine that knew what is outstanding.
    pub(super) fn forget(&mut self) {
        self.forgotten = true;
        let room = LIMIT.saturating_sub(self.outstanding.len());
        self.outstanding.extend(self.in_flight.iter().take(room));
        self.still_blocks(|_| false);
    }

    /// What a command has caused may still come.
    pub(super) fn miss(&mut self, demand: &Demand) {
        if self.outstanding.len() < LIMIT {
            self.outstanding.extend(demand.results());
        }
        if self.blocking.len() < LIMIT {
            self.blocking.extend(demand.blocking_results());
        }
    }

    /// An outstanding result came. Another one of its kind may have been missed meanwhile.
    pub(super) fn came(&mut self, is_it: impl Fn(&str) -> bool) {
        for results in [&mut self.outstanding, &mut self.blocking] {
            if let Some(found) = results.iter().position(|prefix| is_it(prefix)) {
                results.swap_remove(found);
            }
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

    /// The results that may still come, each once, for a message.
    pub(super) fn outstanding_names(&self) -> Vec<&'static str> {
        names(&self.outstanding)
    }

    /// What blocks others, for a message. It is taken for lost.
    pub(super) fn take_blocking(&mut self) -> Vec<&'static str> {
        let names = names(&self.blocking);
        self.still_blocks(|_| false);
        names
    }

    /// The module was restarted.
    pub(super) fn boot(&mut self) {
        (self.product_info_reported, self.suspect, self.shut) = (false, false, false);
        (self.running, self.forgotten) = (false, false);
        self.outstanding.clear();
        self.still_blocks(|_| false);
    }
}

fn names(results: &[&'static str]) -> Vec<&'static str> {
    let mut names = results.to_vec();
    names.sort_unstable();
    names.dedup();
    names
}

/// Not specified; chosen because nobody misses more results before the module is restarted, and
/// memory must be bounded.
const LIMIT: usize = 16;
