//! Alipay's notifications in a world: made when something may have happened, and delivered late, in
//! any order, and more than once.

use std::time::Instant;

use data_encoding::BASE64;
use fastrand::Rng;
use m26_pay::gateway::alipay::notify::{Notification, SettleError};
use m26_pay::gateway::journal::{Journal, JournalError, MemoryJournal};
use m26_pay::gateway::{Charset, Verifier};
use m26_pay::sim::gateway::alipay::{Alipay, NoticeStyle};
use m26_pay::sim::gateway::{Signing, stand_in};
use m26_pay::unix_time::UnixMillis;

use super::NUMBER;
use super::plan::millis;
use crate::orders;

/// What Alipay has posted and the back office has not taken yet.
#[derive(Default)]
pub struct Notices {
    posted: Vec<(Instant, Vec<u8>)>,
    /// How many ended an order.
    pub settled: u32,
}

impl Notices {
    /// Alipay tells how the trade is now, and the network takes its time with it.
    pub fn post(&mut self, alipay: &mut Alipay, now: Instant, rng: &mut Rng) {
        let style =
            NoticeStyle { gbk: rng.bool(), signs_sign_type: rng.bool(), ..Default::default() };
        if let Some(notice) = alipay.notice(now, NUMBER, &style, &Signing::StandIn) {
            let takes = [5..400, 400..20_000, 20_000..600_000][rng.usize(..3)].clone();
            self.posted.push((now + millis(rng, takes), notice.body.clone()));
            if rng.bool() {
                self.posted.push((now + millis(rng, 1_000..90_000), notice.body));
            }
        }
    }

    /// The back office takes what has come by now.
    pub fn deliver(&mut self, journal: &MemoryJournal, now: Instant) {
        let (come, later) =
            std::mem::take(&mut self.posted).into_iter().partition(|(at, _)| *at <= now);
        self.posted = later;
        let come: Vec<(Instant, Vec<u8>)> = come;
        for (_, body) in come {
            let notification = Notification::read(None, &body, Charset::Utf8, &StandIn).unwrap();
            let at = UnixMillis(0).plus(now.saturating_duration_since(orders::epoch()));
            let before = journal.numbered(&orders::number(NUMBER)).unwrap();
            match notification.settle(journal, &orders::identity(), at) {
                Ok(taken) => self.settled += u32::try_from(taken.settled.len()).unwrap(),
                Err(SettleError::Journal(JournalError::Conflict)) => {}
                Err(error) => panic!("{error}"),
            }
            // The same one again changes nothing.
            let once = journal.numbered(&orders::number(NUMBER)).unwrap();
            let again = notification.settle(journal, &orders::identity(), at).unwrap();
            assert_eq!(again.settled, []);
            assert_eq!(journal.numbered(&orders::number(NUMBER)).unwrap(), once);
            // What had its end keeps it.
            for entry in before.iter().filter(|entry| !entry.is_open()) {
                assert!(once.contains(entry));
            }
        }
    }

    /// When the last one comes.
    pub fn last(&self) -> Option<Instant> {
        self.posted.iter().map(|(at, _)| *at).max()
    }
}

#[derive(Debug)]
struct StandIn;

impl Verifier for StandIn {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        BASE64.encode(signature) == stand_in(message)
    }
}
