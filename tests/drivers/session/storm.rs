//! Sessions through seeded storms, on virtual time: commands among faults of every kind. Each call
//! ends, no signature is another one's, the session is ready again once the faults stop, and what
//! it sends by itself is sent.
//!
//! ```text
//! SESSION_STORM_SEEDS=3000 cargo test --test drivers session::storm   # more of them
//! ```

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

use std::time::Duration;

use m26_pay::alipay::{Sign, SignData, SignMode};
use m26_pay::at::profile::Profile;
use m26_pay::session::{Plan, Restart, State};
use m26_pay::sim::Order;
use m26_pay::sim::modem::Modem;
use support::session_line::teller::Ledger;
use support::session_line::{self, configured, module, plan, report, session};

const MINUTE: Duration = Duration::from_secs(60);

/// SplitMix64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % sides
    }

    fn time(&mut self, most: u64) -> Duration {
        Duration::from_millis(self.roll(most * 1000))
    }

    /// Not among them: a final result that is overtaken by later answers. A module works on one
    /// command at a time, which is what the engine's fences rest on.
    fn fault(&mut self) -> Order {
        let prefix = ["+ALIPAYSIGN", "+ALIPAYREP", "+ALIPAYOPEN", "+ALIPAYDID", "+ALIPAYPINFO"]
            [self.roll(5) as usize]
            .to_string();
        match self.roll(12) {
            0 => Order::HangUp(self.time(20)),
            1 => Order::Silent(self.time(20)),
            2 => Order::Reset,
            3 => Order::LateResult { prefix, by: self.time(60) },
            4 => Order::MissingResult(prefix),
            5 => Order::Split(0.5),
            6 => Order::MissingFinal,
            7 => Order::Result { prefix, code: self.roll(9) as i32 - 1 },
            8 => Order::Refuse(3),
            9 => Order::QueueFull,
            _ => Order::Urc("+PDP DEACT".into()),
        }
    }
}

fn storm(seed: u64, profile: Profile) {
    let mut dice = Dice(seed);
    let restart = [Restart::Reset, Restart::Host][dice.roll(2) as usize];
    let plan = Plan { restart, restart_limit: 1000, ..plan() };
    let (mut session, line) = session(module(configured(&profile), ""), plan, profile);
    line.can_restart.set(true);
    let ledger = Ledger::default();
    ledger.add(100..110);
    session.attach(ledger.teller());
    for number in 0..30 {
        if dice.roll(2) == 0 {
            line.order(dice.fault());
        }
        match dice.roll(4) {
            0 => {
                // Each asks for something of its own, so that a wrong one shows.
                let data = format!("1{number:09}");
                let sign = Sign::new(SignMode::Withholding, SignData::new(&*data).unwrap())
                    .amount("10.25".parse().unwrap());
                let begun = line.passed();
                if let Ok(signed) = session.send_within(&sign, dice.time(40)) {
                    let own = Modem::expected_signature(4, &data, "10.25");
                    assert!(signed.expose().contains(&own), "seed {seed}: another's signature");
                }
                assert!(line.passed() - begun < 3 * MINUTE, "seed {seed}: a call without end");
            }
            1 => drop(session.send_within(&report(&number.to_string()), dice.time(40))),
            2 => drop(session.wait_ready(dice.time(30))),
            _ => {
                session.next_event(Some(dice.time(90)));
            }
        }
    }
    line.order(Order::Calm);
    line.order(Order::QueueFree);
    let ready = session.wait_ready(10 * MINUTE);
    let all = session_line::story(&mut session).1.join("\n");
    assert!(ready.is_ok(), "seed {seed}: {ready:?} in {}\n{all}", session.state());
    let begun = line.passed();
    while ledger.pending() > 0 {
        assert!(
            line.passed() - begun < 30 * MINUTE,
            "seed {seed}: what it sends itself stays: {:?}\n{:?}",
            ledger.story(),
            session.health()
        );
        session.next_event(Some(MINUTE));
    }
    // A fault of before may have shown only with what it sent.
    session.wait_ready(10 * MINUTE).unwrap();
    assert_eq!(session.state(), State::Ready);
}

#[test]
fn every_storm_passes() {
    let seeds = std::env::var("SESSION_STORM_SEEDS").ok().and_then(|seeds| seeds.parse().ok());
    for seed in 0..seeds.unwrap_or(100) {
        storm(seed, if seed % 2 == 0 { Profile::quectel() } else { Profile::luat() });
    }
}
