//! One world, from the sale to its end, and what must be true of it.

use std::time::{Duration, Instant};

use fastrand::Rng;
use m26_pay::amount::Amount;
use m26_pay::gateway::alipay::payment::{Outcome, Payment, Policy};
use m26_pay::gateway::alipay::settle::{Next, OrderState, Settle, SettlePolicy};
use m26_pay::gateway::journal::{Claim, Entry, Journal, MemoryJournal, Settled};
use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::alipay::Method;
use m26_pay::unix_time::UnixMillis;

use super::NUMBER;
use super::link::Link;
use super::notices::Notices;
use super::plan::{Plan, millis};
use super::till::{Cut, Till};
use crate::orders;

pub struct World<L> {
    till: Till<L>,
    stop: Option<Duration>,
    /// What the cashier was told, in order.
    outcomes: Vec<Outcome>,
    /// Whether the last run was cut, so that nobody was told what it wrote.
    cut: bool,
    lies: bool,
}

impl<L: Link> World<L> {
    pub fn new(plan: Plan, told: bool) -> Self {
        if told {
            println!("{:?} {} {:?}", plan.settings, plan.barcode, plan.stop);
        }
        let till = Till {
            link: L::new(&plan),
            journal: MemoryJournal::new(),
            now: orders::epoch(),
            rng: Rng::with_seed(plan.seed ^ 0x5eed),
            calm: false,
            sent: 0,
            notices: Notices::default(),
            told,
            plan,
        };
        Self { stop: till.plan.stop, till, outcomes: Vec::new(), cut: false, lies: false }
    }

    /// Tells the opposite of what is proven.
    pub fn lying(mut self) -> Self {
        self.lies = true;
        self
    }

    /// Runs it to its end; what is wrong with it, if something is.
    pub fn run(mut self) -> Result<Self, String> {
        self.sell()?;
        for _ in 0..self.till.rng.usize(..6) {
            if !self.settle_once()? {
                break;
            }
        }
        if self.till.rng.u8(..4) == 0 {
            self.calm_down()?;
        }
        if let Some(last) = self.till.notices.last() {
            self.till.now = self.till.now.max(last);
            self.till.notify();
        }
        self.judge()?;
        Ok(self)
    }

    fn sell(&mut self) -> Result<(), String> {
        let policy = Policy::default();
        let now = self.till.now;
        let amount = Amount::from_fen(self.till.plan.total.0).unwrap();
        let timeout = self.till.plan.timeout;
        let mut payment = if self.till.plan.barcode {
            Payment::new(now, orders::barcode(NUMBER, amount, timeout), policy)
        } else {
            Payment::precreated(now, orders::precreated(NUMBER, amount, timeout), policy)
        };
        let stop = self.stop.map(|after| now + after);
        self.attend(&mut payment, stop, policy.longest())
    }

    /// Runs a payment; after a power cut the till is off for a while.
    fn attend(
        &mut self,
        payment: &mut Payment,
        stop: Option<Instant>,
        longest: Duration,
    ) -> Result<(), String> {
        let begun = self.till.now;
        let at_most = payment.progress(begun).at_most;
        let run = self.till.run(payment, stop);
        self.cut = run.is_err();
        match run {
            Ok(outcome) => {
                let took = self.till.now - begun;
                // What the journal took is not in it.
                let slow = Duration::from_secs(1);
                holds(took <= longest + slow, &format!("it took {took:?}"))?;
                holds(took <= at_most + slow, &format!("{at_most:?} became {took:?}"))?;
                self.outcomes.push(outcome);
            }
            Err(Cut) => {
                self.till.tell(|| "the power goes".into());
                self.till.now += millis(&mut self.till.rng, 500..400_000);
            }
        }
        Ok(())
    }

    fn open_orders(&self) -> Vec<Entry> {
        self.till.journal.open_orders(None, 10).unwrap()
    }

    /// A start of the till: every open order is asked for once. Whether any is left.
    fn settle_once(&mut self) -> Result<bool, String> {
        let mut settle = Settle::new(orders::identity(), SettlePolicy::default());
        for entry in self.open_orders() {
            settle.found(self.till.now, &entry);
        }
        self.settle(&mut settle, 2)?;
        Ok(!self.open_orders().is_empty())
    }

    /// The faults stop, and the till goes on for as long as it asks.
    fn calm_down(&mut self) -> Result<(), String> {
        self.till.calm = true;
        let mut settle = Settle::new(orders::identity(), SettlePolicy::default());
        for entry in self.open_orders() {
            settle.found(self.till.now, &entry);
        }
        self.settle(&mut settle, usize::MAX)?;
        // A seller without money can neither cancel nor keep what a cancel may yet give back.
        if !self.till.plan.settings.seller_is_broke {
            holds(self.open_orders().is_empty(), "it is calm, and nothing is proven")?;
        }
        holds(settle.waiting() == 0, "it asks for ever")
    }

    fn settle(&mut self, settle: &mut Settle, asks: usize) -> Result<(), String> {
        for _ in 0..asks {
            match settle.next(self.till.now) {
                Next::Nothing => return Ok(()),
                Next::Rest(until) => self.till.now = until,
                Next::Ask(due) => {
                    let holder = orders::holder();
                    let claim =
                        self.till.journal.claim(&due.key, &holder, UnixMillis(0), LEASE).unwrap();
                    let state = match claim {
                        Claim::Yours(entry) => {
                            let policy = Policy::default();
                            let mut payment = Payment::resume(self.till.now, *entry, policy)
                                .known_since(due.known_since);
                            self.attend(&mut payment, None, policy.longest())?;
                            OrderState::of(payment.entry())
                        }
                        Claim::Settled(_) => OrderState::Settled,
                        other => panic!("{other:?}"),
                    };
                    settle.ended(self.till.now, &due.key, state);
                }
            }
        }
        Ok(())
    }

    /// What is true in the end, and what was said.
    fn judge(&mut self) -> Result<(), String> {
        let end = self.till.link.run_out(self.till.now);
        let truth = self.till.link.alipay().truth(end, NUMBER);
        self.till.tell(|| format!("{truth:?}, told {:?}", self.outcomes));
        let total = self.till.plan.total;
        holds(truth.charges <= 1, "charged twice")?;
        let is_true = |outcome: &Outcome| match outcome {
            Outcome::Paid(_) => truth.kept == total,
            Outcome::NotPaid(_) => truth.kept == Fen(0),
            Outcome::Unknown(_) => true,
        };
        for outcome in &self.outcomes {
            let known = !matches!(outcome, Outcome::Unknown(_));
            holds(is_true(outcome) != (self.lies && known), &format!("told {outcome:?}"))?;
        }
        let entries = self.till.journal.numbered(&orders::number(NUMBER)).unwrap();
        let entry = entries.first();
        let settled = entry.and_then(|entry| entry.outcome.as_ref());
        match settled {
            Some(Settled::Paid(_)) => holds(truth.kept == total, "written paid")?,
            Some(Settled::NotPaid(_)) => holds(truth.kept == Fen(0), "written not paid")?,
            Some(other) => return Err(format!("{other:?} is no end of a payment")),
            None => {}
        }
        // An order that was asked for is in the journal, and open unless its end is proven.
        holds(entry.is_some() || self.till.sent == 0, "sent and not written")?;
        if let (Some(Outcome::Unknown(_)), false) = (self.outcomes.last(), self.cut) {
            // A write that failed may be there all the same, and is proven then; and a notification
            // may have come later.
            let may_be_written = self.till.plan.unwritten > 0 || self.till.notices.settled > 0;
            holds(settled.is_none() || may_be_written, "unknown and not open")?;
        }
        holds(self.till.link.calls(Method::Refund) == 0, "refunded by itself")
    }
}

fn holds(is: bool, what: &str) -> Result<(), String> {
    if is { Ok(()) } else { Err(what.to_owned()) }
}

/// What the worlds had in them.
#[derive(Debug, Default)]
pub struct Seen {
    paid: u64,
    not_paid: u64,
    unknown: u64,
    /// Told nothing, because the power went.
    nothing: u64,
    settled_later: u64,
    left_open: u64,
    repeated_pays: u64,
    cancels: u64,
    /// A notification ended the order.
    notified: u64,
}

impl Seen {
    pub fn add<L: Link>(&mut self, world: &World<L>) {
        match world.outcomes.first() {
            Some(Outcome::Paid(_)) => self.paid += 1,
            Some(Outcome::NotPaid(_)) => self.not_paid += 1,
            Some(Outcome::Unknown(_)) => self.unknown += 1,
            None => self.nothing += 1,
        }
        let last = world.outcomes.last();
        let settled = matches!(last, Some(Outcome::Paid(_) | Outcome::NotPaid(_)));
        self.settled_later += u64::from(world.outcomes.len() > 1 && settled);
        self.left_open += u64::from(!world.open_orders().is_empty());
        self.repeated_pays += u64::from(world.till.link.calls(Method::Pay) > 1);
        self.cancels += u64::from(world.till.link.calls(Method::Cancel) > 0);
        self.notified += u64::from(world.till.notices.settled > 0);
    }

    /// Whether each of them came to pass in more than one of a hundred worlds.
    pub fn is_rich(&self) -> bool {
        let all = self.paid + self.not_paid + self.unknown + self.nothing;
        let each = [
            self.paid,
            self.not_paid,
            self.unknown,
            self.nothing,
            self.settled_later,
            self.left_open,
            self.repeated_pays,
            self.cancels,
            self.notified,
        ];
        each.iter().all(|count| count * 100 > all)
    }
}

const LEASE: Duration = Duration::from_secs(300);
