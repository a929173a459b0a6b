//! Sixteen hosts with one application, through ten hours.

use std::time::Instant;

use m26_pay::gateway::unionpay::keeper::{Keeper, KeeperPolicy};
use m26_pay::gateway::unionpay::token::{
    MemoryTokens, RedisTokens, RedisTokensSettings, TokenKind, TokenStore,
};
use support::redis_server::Server;

use super::{Platform, run, seconds, start};

/// ⌈36,000 / (7,200 − renewal lead)⌉ fetches for all of them together, and never a token that the
/// platform does not take.
fn ten_hours(store: &dyn TokenStore, kind: TokenKind, lead: u64, now: Instant) {
    let mut policy = KeeperPolicy::default();
    policy.renew_before = seconds(lead);
    let mut keepers: Vec<_> = (0..16).map(|holder| Keeper::new(holder, policy)).collect();
    let mut platform = Platform::default();
    for second in 0..36_000 {
        let now = now + seconds(second);
        for keeper in &mut keepers {
            let token = run(keeper, store, &mut platform, kind, now).unwrap();
            assert!(platform.takes(&token, now), "second {second}");
        }
    }
    let expected = 36_000_u64.div_ceil(7_200 - lead);
    assert_eq!(u64::from(platform.given), expected, "{kind}, renewed {lead} s before the end");
}

#[test]
fn fetch_no_oftener_than_one_over_memory() {
    for lead in [0, 60, 600, 1_234] {
        ten_hours(&MemoryTokens::new(), TokenKind::Backend, lead, start());
    }
}

#[test]
fn fetch_no_oftener_than_one_over_redis() {
    let Some(server) = Server::start(&[]) else { return };
    for (lead, kind) in [(600, TokenKind::Backend), (1_234, TokenKind::Front)] {
        let now = start();
        ten_hours(&redis(&server, "").counted_from(now), kind, lead, now);
    }
    assert_eq!(server.keys().len(), 2);
}

/// A store whose server may be slow on a busy machine.
pub(super) fn redis(server: &Server, query: &str) -> RedisTokens {
    let mut settings = RedisTokensSettings::new(server.url() + query);
    settings.connect_timeout = seconds(20);
    settings.response_timeout = seconds(20);
    RedisTokens::new(settings).unwrap()
}
