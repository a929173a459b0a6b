//! Backend tokens that several runs share.

use support::redis_server::Server;

use super::{Desk, done, open_id};

#[test]
fn runs_that_share_a_store_share_one_token() {
    let Some(redis) = Server::start(&[]) else { return };
    let desk = Desk::new(|_| {});
    let (url, open_id) = (redis.url(), open_id());
    let shared = |words: &[&str]| desk.run(&[&["--tokens", &url], words].concat());
    let first = done(&shared(&["backend-token"]), "backend-token");
    assert_eq!(done(&shared(&["backend-token"]), "backend-token"), first);
    done(&shared(&["contract-status", "--open-id", &open_id]), "contract-status");
    assert_eq!(desk.shop.truth().backend_tokens, 1);
    // Somebody else fetches one: what is refused by it is asked once more with another one.
    let now = desk.shop.server.now();
    desk.shop.server.with(|it| it.unionpay_mut().take_over(now));
    done(&shared(&["contract-status", "--open-id", &open_id]), "contract-status");
    assert_eq!(desk.shop.truth().backend_tokens, 3);
}

#[test]
fn a_store_that_is_dead_is_no_reason_to_fetch() {
    let desk = Desk::new(|_| {});
    let open_id = open_id();
    let words =
        ["--tokens", "unix:///nowhere/redis.sock", "contract-status", "--open-id", &open_id];
    let (_, message) = super::fails(&desk.run(&words), 1, "token", "not-sent");
    assert!(message.contains("store"), "{message}");
    assert_eq!(desk.shop.truth().backend_tokens, 0);
}
