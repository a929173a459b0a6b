//! What the platform tells an app by itself.

use m26_pay::sim::gateway::stand_in;
use m26_pay::sim::gateway::unionpay::{CallName, SignedNotice};

use super::{Bench, PLAN_ID, open_id, question, text};

/// The names of the fields, and whether the signature is of them in this order.
fn signed(notice: &SignedNotice, names: &[&str]) -> bool {
    let pairs: Vec<_> = names.iter().map(|name| format!("{name}={}", notice.get(name))).collect();
    stand_in(pairs.join("&").as_bytes()) == notice.get("signature")
}

#[test]
fn a_removed_authorisation_ends_the_users_token() {
    let mut bench = Bench::new();
    let (access, of_user) = (bench.log_in("upapi_mobile"), open_id());
    let notice = bench.unionpay.remove_authorisation(bench.now, &of_user).unwrap();
    assert!(signed(&notice, &["appId", "nonceStr", "openId", "timestamp"]), "{notice:?}");
    let fields = [("accessToken", access.as_str()), ("openId", of_user.as_str())];
    assert_eq!(bench.ask(CallName::UserMobile, &fields).resp(), "SIM005");
    assert_eq!(bench.unionpay.remove_authorisation(bench.now, "nobody"), None);
}

#[test]
fn a_password_is_told_with_the_numbers_of_the_question() {
    let mut bench = Bench::new();
    let (access, of_user) = (bench.log_in("upapi_base"), open_id());
    let fields = question(&of_user, &access);
    let trans_no = text(&bench.ask(CallName::VerifyPwdSeqId, &fields), "transNo");
    let notice = bench.unionpay.enter_password(bench.now, &trans_no).unwrap();
    let names = ["appId", "bizOrderId", "bizType", "merchantId", "nonceStr", "openId", "timestamp"];
    assert!(signed(&notice, &[&names[..], &["transNo"]].concat()), "{notice:?}");
    assert!(notice.clone().misspelled("transNo", " transNo").json().contains("\" transNo\""));
    assert_eq!(bench.unionpay.enter_password(bench.now, "0"), None);
}

#[test]
fn a_released_contract_is_told_in_each_form() {
    for (trid, all) in [("62000000001", false), ("", false), ("", true)] {
        let mut bench = Bench::with(|settings| {
            settings.trid = trid.into();
            settings.notices_sign_empties = all;
        });
        let (access, of_user) = (bench.log_in("upapi_contract"), open_id());
        let fields = [
            ("openId", of_user.as_str()),
            ("planId", PLAN_ID),
            ("accessToken", &access),
            ("contractCode", "1"),
        ];
        let contract_id = text(&bench.ask(CallName::ContractApply, &fields), "contractId");
        let notice = bench.unionpay.release(bench.now, &contract_id).unwrap();
        let mut names =
            vec!["appId", "contractId", "nonceStr", "openId", "operateTime", "timestamp", "trid"];
        if trid.is_empty() && !all {
            names.pop();
        }
        assert!(signed(&notice, &names), "{notice:?}");
        let forged = notice.clone().forged("contractId", "6218400000000000009");
        assert!(!signed(&forged, &names));

        let raw = notice.raw_query();
        assert!(
            raw.contains(&format!("openId={of_user}"))
                && raw.contains("operateTime=2026-11-29%2021:00:00"),
            "{raw}"
        );
        assert!(notice.query().contains("openId=A%2B"));
        assert!(notice.form().contains("operateTime=2026-11-29+21%3A00%3A00"));
        let json: serde_json::Value = serde_json::from_str(&notice.json()).unwrap();
        assert_eq!(json["openId"], of_user);
        assert!(!format!("{notice:?}").contains(&of_user));
        assert_eq!(bench.unionpay.release(bench.now, &contract_id), None);
    }
}
