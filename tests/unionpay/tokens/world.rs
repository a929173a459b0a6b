//! Random worlds: hosts that die, answers that are lost or late, a store that is gone, another
//! system that takes tokens too.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use m26_pay::gateway::unionpay::keeper::{Errand, Input, Keeper, KeeperPolicy, NoToken, Step};
use m26_pay::gateway::unionpay::token::{
    Claimed, Fence, FetchedToken, MemoryTokens, StoreError, Token, TokenKey, TokenKind, TokenStore,
};
use proptest::prelude::*;

use super::{Platform, ask_store, seconds, start};

const KIND: TokenKind = TokenKind::Backend;

#[derive(Clone, Debug)]
enum Op {
    /// A caller at this host wants a token.
    Ask(usize),
    /// What this host's oldest fetch asked for arrives at the platform.
    Arrive(usize),
    /// The platform's answer arrives, or is lost.
    Answer(usize, bool),
    /// The host dies and starts anew. What it has sent may still arrive.
    Die(usize),
    /// A caller of this host goes away.
    Leave(usize),
    /// Another system takes a token for the same application.
    Evict,
    /// The store answers from now on, or does not.
    Store(bool),
    Pass(u64),
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let host = || 0..HOSTS;
    let op = prop_oneof![
        6 => host().prop_map(Op::Ask),
        4 => host().prop_map(Op::Arrive),
        4 => (host(), proptest::bool::weighted(0.8)).prop_map(|(host, good)| Op::Answer(host, good)),
        1 => host().prop_map(Op::Die),
        1 => host().prop_map(Op::Leave),
        1 => Just(Op::Evict),
        1 => any::<bool>().prop_map(Op::Store),
        4 => prop_oneof![0_u64..500, 0_u64..40_000, 0_u64..8_000_000].prop_map(Op::Pass),
    ];
    proptest::collection::vec(op, 1..120)
}

const HOSTS: usize = 4;

struct World {
    now: Instant,
    platform: Platform,
    store: MemoryTokens,
    is_store_up: bool,
    hosts: Vec<Host>,
    holders: u64,
    /// What dead hosts have sent, and has not arrived yet.
    ghosts: usize,
    /// When the leases end that were given for a fetch which is still under way.
    leased: Vec<(u64, Instant)>,
}

struct Host {
    holder: u64,
    keeper: Keeper,
    callers: Vec<Caller>,
    /// What was refused here, and not given anew since.
    refused: HashSet<String>,
}

struct Caller {
    errand: Errand,
    began: Instant,
    waits: Waits,
}

enum Waits {
    Until(Instant),
    /// A request is on its way; what the platform gave, once it has arrived.
    Fetch(Option<FetchedToken>),
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            now: start(),
            platform: Platform::default(),
            store: MemoryTokens::new(),
            is_store_up: true,
            hosts: Vec::new(),
            holders: 0,
            ghosts: 0,
            leased: Vec::new(),
        };
        world.hosts = (0..HOSTS).map(|_| world.host()).collect();
        world
    }

    fn host(&mut self) -> Host {
        self.holders += 1;
        Host {
            holder: self.holders,
            keeper: Keeper::new(self.holders, KeeperPolicy::default()),
            callers: Vec::new(),
            refused: HashSet::new(),
        }
    }

    fn apply(&mut self, op: Op) {
        match op {
            Op::Ask(host) => {
                let errand = self.hosts[host].keeper.errand(KIND, self.now);
                self.go(host, errand, self.now, Input::Begin);
            }
            Op::Arrive(host) => self.arrive(host),
            Op::Answer(host, good) => self.answer(host, good),
            Op::Die(host) => {
                let fresh = self.host();
                let dead = std::mem::replace(&mut self.hosts[host], fresh);
                let unsent = |caller: &&Caller| matches!(caller.waits, Waits::Fetch(None));
                self.ghosts += dead.callers.iter().filter(unsent).count();
                self.leased.retain(|(holder, _)| *holder != dead.holder);
            }
            Op::Leave(host) => {
                let rests = |caller: &Caller| matches!(caller.waits, Waits::Until(_));
                let host = &mut self.hosts[host];
                if let Some(index) = host.callers.iter().position(rests) {
                    let gone = host.callers.remove(index);
                    host.keeper.abandon(gone.errand);
                }
            }
            Op::Evict => drop(self.platform.give(self.now)),
            Op::Store(up) => self.is_store_up = up,
            Op::Pass(millis) => {
                if self.ghosts > 0 {
                    self.ghosts -= 1;
                    self.platform.give(self.now);
                }
                self.now += Duration::from_millis(millis);
                self.wake();
            }
        }
    }

    /// Whose rest is over goes on.
    fn wake(&mut self) {
        let now = self.now;
        for host in 0..HOSTS {
            let over = |caller: &Caller| matches!(caller.waits, Waits::Until(at) if at <= now);
            while let Some(index) = self.hosts[host].callers.iter().position(over) {
                let Caller { errand, began, .. } = self.hosts[host].callers.remove(index);
                self.go(host, errand, began, Input::Resume);
            }
        }
    }

    fn arrive(&mut self, host: usize) {
        for caller in &mut self.hosts[host].callers {
            if let Waits::Fetch(given @ None) = &mut caller.waits {
                *given = Some(self.platform.give(self.now));
            }
        }
    }

    fn answer(&mut self, host: usize, good: bool) {
        let fetches = |caller: &Caller| matches!(caller.waits, Waits::Fetch(_));
        let Some(index) = self.hosts[host].callers.iter().position(fetches) else { return };
        let Caller { errand, began, waits } = self.hosts[host].callers.remove(index);
        let holder = self.hosts[host].holder;
        self.leased.retain(|(leased, _)| *leased != holder);
        let input = match waits {
            Waits::Fetch(Some(given)) if good => {
                self.hosts[host].refused.remove(given.token.expose());
                Input::Fetched(given)
            }
            _ => Input::NotFetched,
        };
        self.go(host, errand, began, input);
    }

    /// Takes an errand as far as it goes by itself.
    fn go(&mut self, host: usize, mut errand: Errand, began: Instant, mut input: Input) {
        let deadline = began + KeeperPolicy::default().patience;
        loop {
            let step = self.hosts[host].keeper.step(&mut errand, self.now, input);
            let store: &dyn TokenStore = if self.is_store_up { &self.store } else { &Gone };
            input = match ask_store(store, &errand, step, self.now) {
                Ok(input) => input,
                Err(Step::Fetch) => {
                    self.fetch(host);
                    let waits = Waits::Fetch(None);
                    return self.hosts[host].callers.push(Caller { errand, began, waits });
                }
                Err(Step::Rest(until)) => {
                    assert!(self.now < until && until <= deadline, "it rests beyond its deadline");
                    let waits = Waits::Until(until);
                    return self.hosts[host].callers.push(Caller { errand, began, waits });
                }
                Err(Step::Done(outcome)) => return self.done(host, outcome),
                Err(step) => panic!("{step:?}"),
            };
        }
    }

    /// A fetch begins: nobody else may have a lease.
    fn fetch(&mut self, host: usize) {
        assert!(self.is_store_up, "a fetch without a store");
        let holder = self.hosts[host].holder;
        self.leased.retain(|(_, until)| self.now < *until);
        assert!(self.leased.is_empty(), "two fetch at once: {:?} and {holder}", self.leased);
        self.leased.push((holder, self.now + KeeperPolicy::default().lease));
    }

    /// A caller has a token, and uses it for a call.
    fn done(&mut self, host: usize, outcome: Result<Token, NoToken>) {
        let Ok(token) = outcome else { return };
        let Host { keeper, refused, .. } = &mut self.hosts[host];
        assert!(!refused.contains(token.expose()), "a token that was refused is used again");
        if !self.platform.takes(&token, self.now) {
            keeper.refused(KIND, &token);
            refused.insert(token.expose().to_owned());
        }
    }

    /// With nothing in the way any more every host soon has the token that the platform takes, and
    /// they fetch twice at most: once for what is held, if it is not the newest, and once if a fetch
    /// of before comes in between.
    fn settle(&mut self) {
        self.is_store_up = true;
        self.ghosts = 0;
        for host in 0..HOSTS {
            self.arrive(host);
            while self.hosts[host].callers.iter().any(|it| matches!(it.waits, Waits::Fetch(_))) {
                self.answer(host, true);
            }
        }
        // The longest pause, and the longest lease of the dead.
        self.now += seconds(91);
        self.wake();
        let before = self.platform.given;
        for round in 0..6 {
            for host in 0..HOSTS {
                self.apply(Op::Ask(host));
                self.arrive(host);
                self.answer(host, true);
            }
            self.apply(Op::Pass(1_000));
            assert!(round < 5 || self.hosts.iter().all(|host| host.callers.is_empty()));
        }
        assert!(self.platform.given - before <= 2, "{} fetches", self.platform.given - before);
        for host in 0..HOSTS {
            let mut errand = self.hosts[host].keeper.errand(KIND, self.now);
            match self.hosts[host].keeper.step(&mut errand, self.now, Input::Begin) {
                Step::Done(Ok(token)) => assert!(self.platform.takes(&token, self.now)),
                step => panic!("host {host} has no token: {step:?}"),
            }
        }
    }
}

/// A store that is down.
#[derive(Debug)]
struct Gone;

impl TokenStore for Gone {
    fn claim(
        &self,
        _: &TokenKey,
        _: Option<&Token>,
        _: u64,
        _: Duration,
        _: Instant,
    ) -> Result<Claimed, StoreError> {
        Err(gone())
    }

    fn put(
        &self,
        _: &TokenKey,
        _: Fence,
        _: &FetchedToken,
        _: Duration,
        _: Instant,
    ) -> Result<bool, StoreError> {
        Err(gone())
    }

    fn fail(&self, _: &TokenKey, _: Fence, _: Duration, _: Instant) -> Result<(), StoreError> {
        Err(gone())
    }

    fn count(&self, _: &TokenKey, _: u16, _: Instant) -> Result<Option<Duration>, StoreError> {
        Err(gone())
    }
}

fn gone() -> StoreError {
    StoreError { reason: "it is down".to_owned() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]
    #[test]
    fn one_fetches_at_a_time_and_all_come_to_the_newest_token(ops in ops()) {
        let mut world = World::new();
        for op in ops {
            world.apply(op);
        }
        world.settle();
    }
}
