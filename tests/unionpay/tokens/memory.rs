//! What a keeper costs at rest.

use allocation_counter::measure;
use m26_pay::gateway::unionpay::keeper::{Keeper, KeeperPolicy};
use m26_pay::gateway::unionpay::token::{MemoryTokens, TokenKind};

use super::{Platform, run, start};

const KEEPERS: usize = 1_000;

/// At rest means: both tokens are held, and nobody asks.
#[test]
fn a_thousand_keepers_cost_half_a_kibibyte_each() {
    let now = start();
    let mut keepers = Vec::new();
    let made = measure(|| {
        keepers.reserve_exact(KEEPERS);
        for holder in 0..KEEPERS as u64 {
            keepers.push(Keeper::new(holder, KeeperPolicy::default()));
        }
    });
    let mut grown = 0;
    for keeper in &mut keepers {
        // The store is gone afterwards, so what is left of its texts is the keeper's.
        let fetched = measure(|| {
            let (store, mut platform) = (MemoryTokens::new(), Platform::default());
            for kind in [TokenKind::Backend, TokenKind::Front] {
                run(keeper, &store, &mut platform, kind, now).unwrap();
            }
        });
        grown += fetched.bytes_current;
    }
    let each = (made.bytes_current + grown) / KEEPERS as i64;
    println!("{each} bytes for each keeper, {} of them in it", size_of::<Keeper>());
    assert!(each <= 512, "{each} bytes");
}
