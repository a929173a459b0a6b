//! What each call does.

use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::unionpay::{CallName, PageVisitor, Prize, UnionPaySettings};
use serde_json::json;

use super::{
    Bench, PLAN_ID, SEALED_1, SEALED_188, SEALED_MOBILE, SEALED_OTHER, open_id, question, text,
};

#[test]
fn a_scope_opens_what_it_says() {
    for (scope, mobile, auth) in [
        ("upapi_base", "N62131", "N62131"),
        ("upapi_mobile", "00", "N62131"),
        ("upapi_auth", "00", "00"),
        ("upapi_login", "N62131", "N62131"),
        ("upapi_user", "00", "00"),
        ("upapi_contract", "N62131", "N62131"),
    ] {
        let mut bench = Bench::new();
        let (access, of_user) = (bench.log_in(scope), open_id());
        let fields = [("accessToken", access.as_str()), ("openId", of_user.as_str())];
        assert_eq!(bench.ask(CallName::UserMobile, &fields).resp(), mobile, "{scope}");
        assert_eq!(bench.ask(CallName::UserAuth, &fields).resp(), auth, "{scope}");
    }
}

#[test]
fn a_mobile_comes_sealed_if_it_comes() {
    let mut bench = Bench::new();
    let of_user = open_id();
    for (mobile, has, resp) in
        [(true, true, "00"), (false, true, "N62135"), (true, false, "N62136")]
    {
        if !has {
            bench.unionpay.settings_mut().users[0].mobile = None;
        }
        let code = bench.code("upapi_mobile", PageVisitor::Agrees { user: 0, mobile });
        let fields = [("code", code.as_str()), ("grantType", "authorization_code")];
        let access = text(&bench.ask(CallName::Token, &fields), "accessToken");
        let fields = [("accessToken", access.as_str()), ("openId", of_user.as_str())];
        let reply = bench.ask(CallName::UserMobile, &fields);
        assert_eq!(reply.resp(), resp);
        if resp == "00" {
            assert_eq!(text(&reply, "mobile"), SEALED_MOBILE);
        }
        assert!(!format!("{reply:?}").contains(SEALED_MOBILE), "{reply:?}");
    }
}

#[test]
fn a_contract_is_signed_shown_and_released() {
    let mut bench = Bench::new();
    let (access, of_user) = (bench.log_in("upapi_contract"), open_id());
    let ours = [("openId", of_user.as_str()), ("planId", PLAN_ID)];
    let info =
        |bench: &mut Bench| text(&bench.ask(CallName::ContractInfo, &ours), "contractStatus");
    assert_eq!(info(&mut bench), "");

    let apply = |code| [ours[0], ours[1], ("accessToken", &access), ("contractCode", code)];
    let signed = bench.ask(CallName::ContractApply, &apply("684916616616"));
    let contract_id = text(&signed, "contractId");
    assert_eq!(text(&signed, "operateTime"), "20261129210000");
    assert_eq!(info(&mut bench), "1");
    // Again it is the same one, and another one is not given.
    let again = bench.after(60).ask(CallName::ContractApply, &apply("684916616616"));
    assert_eq!(again, signed);
    assert_eq!(bench.ask(CallName::ContractApply, &apply("684916616617")).resp(), "N62137");
    assert_eq!(bench.truth().contracts, 1);

    let relieve = |id| [ours[0], ours[1], ("contractId", id), ("contractCode", "684916616616")];
    assert_eq!(
        bench.ask(CallName::ContractRelieve, &relieve("6218400000000000009")).resp(),
        "N62137"
    );
    let released = bench.ask(CallName::ContractRelieve, &relieve(&contract_id));
    assert_eq!(text(&released, "operateTime"), "20261129210100");
    assert_eq!(info(&mut bench), "3");
    assert_eq!(bench.ask(CallName::ContractRelieve, &relieve(&contract_id)).resp(), "N62137");
    assert_eq!(bench.truth().contracts, 0);

    bench.unionpay.settings_mut().users[0].unfinished = 2;
    let status = bench.ask(CallName::ContractStatus, &[("openId", &of_user)]);
    assert_eq!(status.get("enable"), Some(&json!(2)));
}

#[test]
fn a_contract_needs_its_scope_and_its_plan() {
    let mut bench = Bench::new();
    let (login, access) = (bench.log_in("upapi_mobile"), bench.log_in("upapi_contract"));
    let of_user = open_id();
    for (token, plan_id, resp) in [(&login, PLAN_ID, "N62131"), (&access, "another", "N62137")] {
        let fields = [
            ("openId", of_user.as_str()),
            ("planId", plan_id),
            ("accessToken", token),
            ("contractCode", "1"),
        ];
        assert_eq!(bench.ask(CallName::ContractApply, &fields).resp(), resp);
    }
}

#[test]
fn a_message_counts_a_chinese_character_twice() {
    let mut bench = Bench::new();
    let of_user = open_id();
    let mut push = |content: &str, url: &str| {
        let fields = [("openId", of_user.as_str()), ("content", content), ("url", url)];
        let reply = bench.ask(CallName::NewMsgPush, &fields);
        if reply.resp() == "00" { text(&reply, "resultCd") } else { reply.resp().into() }
    };
    let url = "https://shop.example/msg";
    assert_eq!(push(&"a".repeat(140), url), "00");
    assert_eq!(push(&"推".repeat(70), url), "00");
    assert_eq!(push(&"a".repeat(141), url), "01");
    assert_eq!(push(&"推".repeat(71), url), "01");
    for url in ["https://other.example/", "http://shop.example/", "https://shop.example.net"] {
        assert_eq!(push("a", url), "N62132", "{url}");
    }
    assert_eq!(bench.truth().pushed, 2);
}

#[test]
fn a_tax_refund_is_known_by_its_number() {
    let mut bench = Bench::new();
    let reply = bench.ask(CallName::ReturnTax, &[("refundNo", "1232144356436")]);
    assert_eq!((reply.resp(), text(&reply, "cardTyoe").as_str()), ("00", "1"));
    assert_eq!(bench.ask(CallName::ReturnTax, &[("refundNo", "1")]).resp(), "SIM009");
}

#[test]
fn a_card_is_added_changed_and_deleted() {
    let mut bench = Bench::new();
    let of_user = open_id();
    let mut put = |kind: &str| {
        let fields = [
            ("cardModuleId", "213454765435423"),
            ("bussCardNo", "12321325347654"),
            ("cardSubTp", "1"),
            ("transTp", kind),
            ("openId", of_user.as_str()),
        ];
        let resp = bench.ask(CallName::PutIndustryCard, &fields).resp();
        (resp, bench.truth().cards)
    };
    assert_eq!(put("02"), ("SIM009", 0));
    assert_eq!(put("01"), ("00", 1));
    assert_eq!(put("01"), ("SIM010", 1));
    assert_eq!(put("02"), ("00", 1));
    assert_eq!(put("03"), ("00", 0));
    assert_eq!(put("03"), ("SIM009", 0));
    assert_eq!(put("04"), ("SIM003", 0));
}

fn give(bench: &mut Bench, number: &str) -> &'static str {
    let of_user = open_id();
    let fields = [
        ("insAcctId", "T00T00000000888527"),
        ("transNumber", number),
        ("openId", of_user.as_str()),
        ("pointAt", SEALED_188),
    ];
    bench.ask(CallName::RedPacketGive, &fields).resp()
}

#[test]
fn an_empty_account_answers_success_and_gives_nothing() {
    let mut bench = Bench::with(|settings| settings.ins_balance = Fen(200));
    assert_eq!(give(&mut bench, "1"), "00");
    assert_eq!(give(&mut bench, "2"), "00");
    let truth = bench.truth();
    assert_eq!((truth.packets, truth.given), (1, Fen(188)));
    assert_eq!(bench.unionpay.settings().ins_balance, Fen(12));
}

#[test]
fn a_number_that_was_used_gives_again_unless_the_platform_knows_better() {
    for (once, packets) in [(false, 2), (true, 1)] {
        let mut bench = Bench::with(|settings| settings.trans_number_is_once = once);
        assert_eq!((give(&mut bench, "1"), give(&mut bench, "1")), ("00", "00"));
        assert_eq!(bench.truth().packets, packets);
    }
}

#[test]
fn an_account_tells_its_balance_sealed() {
    let mut bench = Bench::with(|settings| settings.ins_balance = Fen(188));
    let fields = [
        ("insAcctId", "T00T00000000888527"),
        ("transNumber", "1"),
        ("transDt", "20261129"),
        ("transTm", "20261129210000"),
    ];
    assert_eq!(text(&bench.ask(CallName::RedPacketSelect, &fields), "acctBalance"), SEALED_188);
    for (place, value) in [(2, "2026-11-"), (3, "20261130210000"), (3, "2026112921")] {
        let mut fields = fields;
        fields[place].1 = value;
        assert_eq!(bench.ask(CallName::RedPacketSelect, &fields).resp(), "SIM003", "{value}");
    }
    let mut other = fields;
    other[0].1 = "T00T00000000888528";
    assert_eq!(bench.ask(CallName::RedPacketSelect, &other).resp(), "SIM009");
}

fn pool() -> String {
    UnionPaySettings::default().qual_num
}

fn send(bench: &mut Bench, number: &str, days: (&str, &str)) -> &'static str {
    let pool = pool();
    let fields = [
        ("qualNum", pool.as_str()),
        ("qualType", "mobile"),
        ("qualValue", SEALED_OTHER),
        ("count", SEALED_1),
        ("transNumber", number),
        ("startDate", days.0),
        ("endDate", days.1),
    ];
    bench.ask(CallName::QualSend, &fields).resp()
}

fn draw(bench: &mut Bench, number: &str) -> m26_pay::sim::gateway::unionpay::UnionPayReply {
    let pool = pool();
    let fields = [
        ("activityNumber", "1320190910000374"),
        ("qualNum", pool.as_str()),
        ("qualType", "mobile"),
        ("qualValue", SEALED_OTHER),
        ("transNumber", number),
    ];
    bench.ask(CallName::QualReduce, &fields)
}

#[test]
fn a_chance_is_given_shown_and_used_up() {
    let mut bench = Bench::new();
    assert_eq!(draw(&mut bench, "1").resp(), "SIM011");
    assert_eq!(send(&mut bench, "2", ("20261129", "20261130")), "00");
    assert_eq!(send(&mut bench, "2", ("20261129", "20261130")), "SIM010");
    assert_eq!(send(&mut bench, "3", ("20261201", "20261202")), "00");
    assert_eq!(send(&mut bench, "4", ("20261202", "20261201")), "SIM003");
    let pool = pool();
    let asked = [("qualNum", pool.as_str()), ("qualType", "mobile"), ("qualValue", SEALED_OTHER)];
    let map = bench.ask(CallName::QualSelect, &asked);
    // The end comes first.
    let expected = json!({ "20261130_20261129": 1, "20261202_20261201": 1 });
    assert_eq!(map.get("qualMap"), Some(&expected));

    let drawn = draw(&mut bench, "5");
    assert_eq!(drawn.get("awardInfo").unwrap()["awardValue"], "188");
    assert_eq!(text(&drawn, "respTime"), "20261129210000");
    // The other chance is not of today.
    assert_eq!(draw(&mut bench, "6").resp(), "SIM011");
    let truth = bench.truth();
    assert_eq!((truth.draws, truth.packets, truth.given), (1, 1, Fen(188)));
}

#[test]
fn a_draw_gives_a_coupon_or_says_that_there_is_no_budget() {
    for (prize, resp) in [
        (Prize::Coupon("C1".into(), "coffee".into()), "00"),
        (Prize::Empty, "AM03051"),
        (Prize::RedPacket(Fen(1_000_000)), "AM03051"),
    ] {
        let mut bench = Bench::with(|settings| settings.award = prize.clone());
        assert_eq!(send(&mut bench, "1", ("20261129", "20261130")), "00");
        let drawn = draw(&mut bench, "2");
        assert_eq!(drawn.resp(), resp);
        if let Some(info) = drawn.get("awardInfo") {
            assert_eq!((&info["awardType"], &info["extAcctId"]), (&json!("07"), &json!("C1")));
        }
        assert_eq!(bench.truth().packets, 0);
    }
}

#[test]
fn a_password_is_asked_for_once_per_order() {
    let mut bench = Bench::new();
    let (access, of_user) = (bench.log_in("upapi_base"), open_id());
    let fields = question(&of_user, &access);
    let reply = bench.ask(CallName::VerifyPwdSeqId, &fields);
    assert_eq!(text(&reply, "transNo").len(), 32);
    assert_eq!(bench.ask(CallName::VerifyPwdSeqId, &fields).resp(), "N62138");
}
