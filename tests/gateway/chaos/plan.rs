//! What a world is like, by its seed.

use std::time::Duration;

use fastrand::Rng;
use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::alipay::{AlipaySettings, Customer, Fate, ReplyKind};

pub struct Plan {
    pub seed: u64,
    pub settings: AlipaySettings,
    pub total: Fen,
    /// How the customer pays.
    pub barcode: bool,
    pub timeout: Duration,
    /// How often a request meets a fault, in a thousand.
    pub rough: u32,
    /// How often the power goes at a step, in a thousand.
    pub cuts: u32,
    /// How often the journal fails, in a thousand.
    pub unwritten: u32,
    /// How often nothing can be sent at all, in a thousand.
    pub unsent: u32,
    /// When the cashier stops.
    pub stop: Option<Duration>,
    /// How often a step has Alipay post a notification, in a thousand.
    pub notices: u32,
}

impl Plan {
    pub fn new(seed: u64) -> Self {
        let rng = &mut Rng::with_seed(seed);
        let barcode = rng.u8(..8) > 0;
        let customer = match rng.u8(..10) {
            0..3 => Customer::Pays(Duration::ZERO),
            3..6 => Customer::Pays(millis(rng, 100..45_000)),
            6 => Customer::PaysLate(millis(rng, 1_000..90_000)),
            7 => Customer::Refuses(Duration::ZERO),
            8 => Customer::Refuses(millis(rng, 100..40_000)),
            _ => Customer::Leaves,
        };
        let settings = AlipaySettings {
            customer,
            cancel_withdraws: rng.u8(..4) > 0,
            refused_leaves_trade: rng.bool(),
            scanned_after: (rng.u8(..4) > 0).then(|| millis(rng, 500..60_000)),
            seller_is_broke: rng.u8(..20) == 0,
            ..AlipaySettings::default()
        };
        let often = |rng: &mut Rng, steps: &[u32]| steps[rng.usize(..steps.len())];
        Self {
            seed,
            settings,
            total: Fen(rng.u64(1..=1_000_000)),
            barcode,
            timeout: Duration::from_secs(60 * rng.u64(1..=3)),
            rough: often(rng, &[0, 100, 300, 600, 900]),
            cuts: often(rng, &[0, 0, 10, 60, 200]),
            unwritten: often(rng, &[0, 0, 0, 100, 400]),
            unsent: often(rng, &[0, 0, 50, 300]),
            stop: (rng.u8(..5) == 0).then(|| millis(rng, 0..40_000)),
            notices: often(rng, &[0, 100, 500]),
        }
    }

    pub fn is_barcode(&self) -> bool {
        self.barcode
    }

    /// What happens to a request.
    pub fn fate(&self, rng: &mut Rng) -> Fate {
        let well = Fate {
            arrives: Some(millis(rng, 5..400)),
            returns: Some(millis(rng, 5..400)),
            ..Fate::default()
        };
        if rng.u32(..1_000) >= self.rough {
            return well;
        }
        let unclear = |said, rng: &mut Rng| {
            let works = if rng.bool() { Duration::ZERO } else { millis(rng, 500..40_000) };
            Fate { said, done: rng.bool(), works, ..well }
        };
        match rng.u8(..16) {
            0 | 1 => Fate { arrives: None, ..well },
            2 | 3 => Fate { returns: None, ..well },
            4 | 5 => Fate { arrives: Some(millis(rng, 1_000..150_000)), ..well },
            6 => Fate { returns: Some(millis(rng, 1_000..60_000)), ..well },
            7 => Fate { works: millis(rng, 500..40_000), ..well },
            8 | 9 => unclear(ReplyKind::SYSTEM_ERROR, rng),
            10 => unclear(ReplyKind::Instead(40004, "ACQ.SYSTEM_ERROR"), rng),
            11 => unclear([ReplyKind::BadGateway, ReplyKind::Html][rng.usize(..2)], rng),
            12 => unclear(ReplyKind::Closed, rng),
            13 => Fate { said: ReplyKind::Redirect, done: false, ..well },
            14 => {
                let said = [
                    ReplyKind::CutOff,
                    ReplyKind::Gbk,
                    ReplyKind::Unsigned,
                    ReplyKind::WrongSignature,
                ];
                Fate { said: said[rng.usize(..4)], ..well }
            }
            _ if rng.u8(..4) == 0 => Fate { said: ReplyKind::WrongAmount, ..well },
            _ => Fate { arrives: None, ..well },
        }
    }
}

pub fn millis(rng: &mut Rng, range: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rng.u64(range))
}
