use m26_pay::gateway::alipay::OutTradeNo;
use m26_pay::gateway::journal::{
    Begun, Claim, Entry, EntryKey, Holder, Journal, JournalError, MemoryJournal, conformance,
};
use m26_pay::unix_time::UnixMillis;
use std::time::Duration;

#[test]
fn the_one_in_memory_holds_every_rule() {
    let journal = MemoryJournal::new();
    conformance::check(&journal).unwrap();
    conformance::check_reopened(&journal).unwrap();
}

/// A journal with one fault.
#[derive(Debug)]
struct Faulty(MemoryJournal, Fault);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    BeginsTwice,
    TakesOldVersions,
    ForgetsOwners,
    ListsSettled,
}

impl Journal for Faulty {
    fn begin(&self, entry: &Entry) -> Result<Begun, JournalError> {
        match self.0.begin(entry)? {
            Begun::Exists(there) if self.1 == Fault::BeginsTwice => Ok(Begun::New(there.version)),
            begun => Ok(begun),
        }
    }

    fn update(&self, entry: &Entry) -> Result<u64, JournalError> {
        let mut entry = entry.clone();
        if self.1 == Fault::TakesOldVersions {
            let there = self.0.numbered(&entry.out_trade_no)?;
            let key = entry.key();
            entry.version = there.iter().find(|it| it.key() == key).map_or(0, |it| it.version);
        }
        self.0.update(&entry)
    }

    fn numbered(&self, out_trade_no: &OutTradeNo) -> Result<Vec<Entry>, JournalError> {
        self.0.numbered(out_trade_no)
    }

    fn open_orders(
        &self,
        after: Option<&EntryKey>,
        limit: usize,
    ) -> Result<Vec<Entry>, JournalError> {
        let mut open = self.0.open_orders(after, limit)?;
        if self.1 == Fault::ListsSettled && after.is_none() {
            open.extend(self.0.numbered(&OutTradeNo::new("J2").unwrap())?);
        }
        Ok(open)
    }

    fn claim(
        &self,
        key: &EntryKey,
        holder: &Holder,
        now: UnixMillis,
        lease: Duration,
    ) -> Result<Claim, JournalError> {
        let lease = if self.1 == Fault::ForgetsOwners { Duration::ZERO } else { lease };
        self.0.claim(key, holder, now, lease)
    }
}

#[test]
fn every_fault_is_found() {
    let faults =
        [Fault::BeginsTwice, Fault::TakesOldVersions, Fault::ForgetsOwners, Fault::ListsSettled];
    for fault in faults {
        let journal = Faulty(MemoryJournal::new(), fault);
        let violation = conformance::check(&journal);
        assert!(violation.is_err(), "{fault:?}");
    }
}
