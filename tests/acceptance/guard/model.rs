//! The guards against a model that never forgets, under clocks that jump.

use m26_pay::campus::guard::{
    Claim, Fingerprint, Guard, GuardError, MemoryGuard, Now, SqliteGuard, TimeRules,
};
use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

use crate::guard::rules::{Clocks, code_with};

/// What happens at a terminal.
#[derive(Clone, Debug)]
enum Event {
    /// A new code, stamped by this much beside the terminal's clock.
    New { skew: i64 },
    /// A code that was presented before, perhaps with a line end.
    Again { which: Index, line_end: bool },
    /// One of those that were accepted is refused by the till after all.
    GiveBack { which: Index },
    /// Time passes.
    Pass { millis: u64 },
    /// The wall clock is set.
    Jump { millis: i64 },
    /// The terminal is switched off and on, if its guard survives that.
    Restart,
}

fn steady() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => (-125_000_i64..65_000).prop_map(|skew| Event::New { skew }),
        4 => (any::<Index>(), any::<bool>())
            .prop_map(|(which, line_end)| Event::Again { which, line_end }),
        1 => any::<Index>().prop_map(|which| Event::GiveBack { which }),
        3 => (0_u64..90_000).prop_map(|millis| Event::Pass { millis }),
    ]
}

fn jumping() -> impl Strategy<Value = Event> {
    let jump = prop_oneof![-400_000_i64..400_000, -10_000_000_i64..10_000_000];
    prop_oneof![
        5 => steady(),
        2 => jump.prop_map(|millis| Event::Jump { millis }),
        1 => Just(Event::Restart),
    ]
}

/// A code as it was presented, and the claim while it is handed out.
struct Presented {
    number: usize,
    made: i64,
    out: bool,
}

/// A terminal, and all that was ever presented to it.
struct Terminal<G> {
    guard: G,
    clocks: Clocks,
    presented: Vec<Presented>,
    claims: Vec<(usize, Claim)>,
}

impl<G: Tested> Terminal<G> {
    fn new(guard: G) -> Self {
        let clocks = Clocks::new();
        Self { guard, clocks, presented: Vec::new(), claims: Vec::new() }
    }

    /// A code that the guard was asked about, whether it was handed out at that time, and what
    /// the guard said.
    fn take(&mut self, event: &Event) -> Option<(bool, Result<(), GuardError>)> {
        match event {
            Event::New { skew } => {
                let made = self.clocks.now().wall.0.saturating_add(*skew);
                let number = self.presented.len();
                self.presented.push(Presented { number, made, out: false });
                self.present(number, false)
            }
            Event::Again { which, line_end } if !self.presented.is_empty() => {
                self.present(which.index(self.presented.len()), *line_end)
            }
            Event::GiveBack { which } if !self.claims.is_empty() => {
                let (number, claim) = self.claims.swap_remove(which.index(self.claims.len()));
                self.guard.release(claim, self.clocks.now()).unwrap();
                self.presented[number].out = false;
                None
            }
            Event::Pass { millis } => {
                self.clocks.pass(*millis);
                None
            }
            Event::Jump { millis } => {
                let wall = self.clocks.now().wall.0.saturating_add(*millis);
                self.clocks.set_wall(wall);
                None
            }
            Event::Restart => {
                self.guard.restart();
                None
            }
            _ => None,
        }
    }

    fn present(&mut self, number: usize, line_end: bool) -> Option<(bool, Result<(), GuardError>)> {
        let now = self.clocks.now();
        let Presented { number, made, out } = self.presented[number];
        let end: &[u8] = if line_end { b"\r\n" } else { b"" };
        let print: Fingerprint = code_with(number, made, end);
        self.guard.rules().check(print.in_use_time(), now.wall).ok()?;
        let said = self.guard.claim(&print, now).map(|claim| {
            self.claims.push((number, claim));
            self.presented[number].out = true;
        });
        Some((out, said))
    }
}

/// Whatever the clocks do, no code is handed out that is out already.
fn never_twice<G: Tested>(guard: G, events: &[Event]) -> Result<(), TestCaseError> {
    let mut terminal = Terminal::new(guard);
    for event in events {
        if let Some((out, said)) = terminal.take(event) {
            prop_assert!(!(out && said.is_ok()), "handed out twice");
        }
    }
    Ok(())
}

/// While the clocks agree, each good code is handed out that is not out.
fn never_refused_wrongly<G: Tested>(guard: G, events: &[Event]) -> Result<(), TestCaseError> {
    let mut terminal = Terminal::new(guard);
    for event in events {
        match terminal.take(event) {
            Some((true, said)) => prop_assert!(matches!(said, Err(GuardError::Used)), "{:?}", said),
            Some((false, said)) => prop_assert!(said.is_ok(), "{:?}", said),
            None => {}
        }
    }
    Ok(())
}

/// A guard, and what a restart of the terminal is to it.
trait Tested: Guard {
    fn restart(&mut self) {}
}

impl Tested for MemoryGuard {}

/// A guard on disk that can be opened again.
#[derive(Debug)]
struct Disk {
    guard: Option<SqliteGuard>,
    folder: TempDir,
}

impl Disk {
    fn new() -> Self {
        let mut disk = Self { guard: None, folder: tempfile::tempdir().unwrap() };
        disk.restart();
        disk
    }
}

impl Tested for Disk {
    fn restart(&mut self) {
        self.guard = None;
        let path = self.folder.path().join("guard.db");
        let rules = TimeRules::default();
        self.guard = Some(SqliteGuard::open(path, SqliteGuard::CAPACITY, rules).unwrap());
    }
}

impl Guard for Disk {
    fn rules(&self) -> &TimeRules {
        self.guard.as_ref().unwrap().rules()
    }

    fn claim(&self, code: &Fingerprint, now: Now) -> Result<Claim, GuardError> {
        self.guard.as_ref().unwrap().claim(code, now)
    }

    fn release(&self, claim: Claim, now: Now) -> Result<(), GuardError> {
        self.guard.as_ref().unwrap().release(claim, now)
    }
}

fn memory() -> MemoryGuard {
    MemoryGuard::new(MemoryGuard::CAPACITY, TimeRules::default())
}

proptest! {
    #[test]
    fn memory_hands_nothing_out_twice(events in prop::collection::vec(jumping(), 1..300)) {
        never_twice(memory(), &events)?;
    }

    #[test]
    fn memory_refuses_nothing_wrongly(events in prop::collection::vec(steady(), 1..300)) {
        never_refused_wrongly(memory(), &events)?;
    }
}

proptest! {
    // Each waits for the disk a hundred times.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn disk_hands_nothing_out_twice(events in prop::collection::vec(jumping(), 1..150)) {
        never_twice(Disk::new(), &events)?;
    }

    #[test]
    fn disk_refuses_nothing_wrongly(events in prop::collection::vec(steady(), 1..150)) {
        never_refused_wrongly(Disk::new(), &events)?;
    }
}
