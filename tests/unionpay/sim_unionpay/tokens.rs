//! Tokens: how long they live, and what ends them.

use m26_pay::sim::gateway::unionpay::CallName;

use super::{Bench, YES, open_id, text};

#[test]
fn a_backend_token_lives_for_two_hours() {
    let mut bench = Bench::new();
    let of_user = open_id();
    let fields = [("openId", of_user.as_str())];
    assert_eq!(bench.after(7199).ask(CallName::ContractStatus, &fields).resp(), "00");
    assert_eq!(bench.after(1).ask(CallName::ContractStatus, &fields).resp(), "a10");
}

#[test]
fn a_new_backend_token_ends_the_one_before() {
    let mut bench = Bench::new();
    let of_user = open_id();
    let fields = [("openId", of_user.as_str())];
    let first = bench.backend_token.clone();
    let second = bench.token();
    assert_ne!(first, second);
    assert_eq!(bench.ask(CallName::ContractStatus, &fields).resp(), "a10");
    bench.backend_token = second;
    assert_eq!(bench.ask(CallName::ContractStatus, &fields).resp(), "00");
    bench.unionpay.take_over(bench.now);
    assert_eq!(bench.ask(CallName::ContractStatus, &fields).resp(), "a10");
    assert_eq!(bench.truth().backend_tokens, 3);
}

#[test]
fn a_platform_that_does_not_evict_keeps_both() {
    let mut bench = Bench::with(|settings| settings.evicts = false);
    let of_user = open_id();
    let fields = [("openId", of_user.as_str())];
    bench.token();
    assert_eq!(bench.ask(CallName::ContractStatus, &fields).resp(), "00");
}

#[test]
fn front_tokens_live_beside_each_other() {
    let mut bench = Bench::new();
    let first = text(&bench.ask(CallName::FrontToken, &[]), "frontToken");
    let second = text(&bench.ask(CallName::FrontToken, &[]), "frontToken");
    for token in [&first, &second] {
        assert!(bench.unionpay.is_front_token(bench.now, token));
    }
    bench.after(7200);
    assert!(!bench.unionpay.is_front_token(bench.now, &first));
    assert_eq!(bench.truth().front_tokens, 2);
}

#[test]
fn a_code_works_once_and_for_five_minutes() {
    let mut bench = Bench::new();
    let code = bench.code("upapi_base", YES);
    let fields = [("code", code.as_str()), ("grantType", "authorization_code")];
    let reply = bench.ask(CallName::Token, &fields);
    assert_eq!((text(&reply, "openId"), text(&reply, "expiresIn")), (open_id(), "3600".into()));
    assert_eq!(bench.ask(CallName::Token, &fields).resp(), "a31");

    let code = bench.code("upapi_base", YES);
    assert!(code.starts_with("+/"), "a code that cannot be pasted into an address: {code}");
    let blank = code.replace('+', " ");
    let spoiled = [("code", blank.as_str()), ("grantType", "authorization_code")];
    assert_eq!(bench.ask(CallName::Token, &spoiled).resp(), "a31");
    let fields = [("code", code.as_str()), ("grantType", "authorization_code")];
    assert_eq!(bench.after(300).ask(CallName::Token, &fields).resp(), "a31");
}

#[test]
fn a_users_token_lives_for_an_hour_and_is_of_one_user() {
    let mut bench = Bench::new();
    let (access, of_user) = (bench.log_in("upapi_mobile"), open_id());
    let other = bench.unionpay.settings().users[1].open_id.clone();
    let fields = |open_id| [("accessToken", access.as_str()), ("openId", open_id)];
    assert_eq!(bench.ask(CallName::UserMobile, &fields(&of_user)).resp(), "00");
    assert_eq!(bench.ask(CallName::UserMobile, &fields(&other)).resp(), "SIM006");
    assert_eq!(bench.after(3600).ask(CallName::UserMobile, &fields(&of_user)).resp(), "SIM005");
}
