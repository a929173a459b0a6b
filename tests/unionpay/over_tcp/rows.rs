//! Each call of the table, carried out and answered in either form.

use std::time::Duration;

use m26_pay::amount::Amount;
use m26_pay::gateway::unionpay::{
    AwardType, CardType, CertTp, ContractInfo, ContractRelieve, ContractState, ContractStatus,
    GetAccessToken, GetFrontToken, MessageContent, NewMsgPush, Pan, PutIndustryCard, QualReduce,
    QualSelect, Receiver, RedPacketGive, RedPacketSelect, ReturnTax, Scope, TransTp, UserAuth,
    UserMobile, VerifyPwdSeqId,
};
use m26_pay::sim::gateway::Fen;
use m26_pay::sim::gateway::unionpay::{AnswerForm, CallName, UnionPaySettings};

use super::{AT, Shop, access, apply, chances, code, contract_code, mobile, open_id, plan_id};

/// In both forms.
fn each(test: impl Fn(&Shop)) {
    for form in [AnswerForm::Tables, AnswerForm::Samples] {
        test(&Shop::new(|settings| settings.form = form));
    }
}

/// 4.3, 5.1.2, 5.2: `token`, `frontToken`, `user.mobile`, `user.auth`.
#[test]
fn a_user_is_known() {
    each(|shop| {
        let granted = shop.ask(&GetAccessToken::new(code("upapi_auth"))).result.unwrap();
        assert_eq!(granted.open_id, open_id());
        assert_eq!(
            (granted.expires_in, granted.scope),
            (Duration::from_secs(3600), Some(Scope::Auth))
        );
        let user = (granted.open_id, granted.access_token);
        let known = shop.ask(&UserMobile::new(user.0.clone(), user.1.clone())).result.unwrap();
        assert_eq!(known.mobile.expose(), "13800000001");
        let known = shop.ask(&UserAuth::new(user.0, user.1)).result.unwrap();
        assert_eq!(known.real_name.unwrap().expose(), "测试1");
        assert_eq!(known.cert_tp, Some(CertTp::IdentityCard));
        assert_eq!(known.cert_id.unwrap().expose(), "350200199001010001");
        let token = shop.ask(&GetFrontToken).result.unwrap();
        assert_eq!(token.expires_in, Duration::from_secs(7200));
        let now = shop.server.now();
        let text = token.token.expose();
        assert!(shop.server.with(|it| it.unionpay_mut().is_front_token(now, text)));
    });
}

/// 5.3.1: `verifyPwdSeqId`.
#[test]
fn a_password_is_asked_for() {
    each(|shop| {
        let asked = shop.ask(&password()).result.unwrap();
        let now = shop.server.now();
        let known = shop
            .server
            .with(|it| it.unionpay_mut().enter_password(now, asked.trans_no.as_str()).is_some());
        assert!(known);
    });
}

pub(super) fn password() -> VerifyPwdSeqId {
    VerifyPwdSeqId::new(
        open_id(),
        access("upapi_base"),
        "711076926887122".parse().unwrap(),
        "4h".parse().unwrap(),
        "474919534200503".parse().unwrap(),
        "https://shop.example/pwd".parse().unwrap(),
    )
    .client_ip([192, 168, 8, 104].into())
}

/// 5.4: `contract.apply`, `.info`, `.status`, `.relieve`.
#[test]
fn a_contract_lives_and_ends() {
    each(|shop| {
        let info = ContractInfo::new(open_id(), plan_id());
        let state = || shop.ask(&info).result.unwrap();
        assert_eq!((state().status, state().contract_id), (ContractState::None, None));
        let applied = shop.ask(&apply()).result.unwrap();
        assert_eq!(applied.operate_time.map(|at| at.0 / 10_000), Some(AT.0 / 10_000));
        assert_eq!(state().status, ContractState::Signed);
        assert_eq!(state().contract_id.as_ref(), Some(&applied.contract_id));
        let status = shop.ask(&ContractStatus::new(open_id())).result.unwrap();
        assert_eq!(status.enable, 0);
        let relieve = relieve(applied.contract_id.expose());
        let ended = shop.ask(&relieve).result.unwrap();
        assert_eq!(ended.operate_time.map(|at| at.0 / 10_000), Some(AT.0 / 10_000));
        assert_eq!((state().status, shop.truth().contracts), (ContractState::Relieved, 0));
    });
}

pub(super) fn relieve(contract_id: &str) -> ContractRelieve {
    ContractRelieve::new(open_id(), contract_id.parse().unwrap(), plan_id(), contract_code())
}

/// 5.5.1, 5.6.1, 5.7.1: `new.msg.push`, `return.tax`, `putIndustryCard`.
#[test]
fn messages_refunds_and_cards() {
    each(|shop| {
        shop.ask(&message()).result.unwrap();
        assert_eq!(shop.truth().pushed, 1);
        let refund = shop.ask(&tax()).result.unwrap();
        assert_eq!(refund.card_no.unwrap().expose(), "6200000000000000");
        assert_eq!(refund.card_type, Some(CardType::Debit));
        shop.ask(&card()).result.unwrap();
        assert_eq!(shop.truth().cards, 1);
    });
}

pub(super) fn message() -> NewMsgPush {
    let content = MessageContent::new("推送的消息").unwrap();
    NewMsgPush::new(open_id(), content, "https://shop.example/msg".parse().unwrap())
}

pub(super) fn tax() -> ReturnTax {
    ReturnTax::new("1232144356436".parse().unwrap())
}

pub(super) fn card() -> PutIndustryCard {
    PutIndustryCard::new(
        TransTp::Add,
        open_id(),
        "213454765435423".parse().unwrap(),
        "12321325347654".parse().unwrap(),
        "1".parse().unwrap(),
    )
    .region("200120".parse().unwrap())
    .channel_no("12343534654756".parse().unwrap())
    .name("测试".parse().unwrap())
    .cert_id("350200199001010001".parse().unwrap())
    .mobile_no(mobile())
}

/// 5.8.1, 5.8.2: `red.packet.give`, `red.packet.select`.
#[test]
fn a_red_packet_is_accepted_and_paid() {
    each(|shop| {
        let pan = Pan::new("6200000000000000").unwrap();
        let receivers = [
            Receiver::from(open_id()),
            Receiver::from(mobile()),
            Receiver::from(pan.clone()),
            Receiver::from(open_id()).mobile(mobile()).pan(pan),
        ];
        for (receiver, packets) in receivers.into_iter().zip(1..) {
            shop.ask(&packet(receiver)).result.unwrap();
            assert_eq!(shop.truth().packets, packets);
        }
        assert_eq!(shop.truth().given, Fen(4 * 188));
        let account = shop.ask(&account()).result.unwrap();
        assert_eq!(account.acct_balance.unwrap().expose(), &(100_000 - 4 * 188).to_string());
        assert_eq!(account.acct_st.unwrap().expose(), "1");
    });
}

pub(super) fn packet(receiver: impl Into<Receiver>) -> RedPacketGive {
    let account = UnionPaySettings::default().ins_acct_id.parse().unwrap();
    let fen = Amount::from_fen(188).unwrap();
    RedPacketGive::new(account, "20191029163610128532046164531".parse().unwrap(), receiver, fen)
        .unwrap()
}

pub(super) fn account() -> RedPacketSelect {
    let account = UnionPaySettings::default().ins_acct_id.parse().unwrap();
    RedPacketSelect::new(account, "1320190910000368".parse().unwrap(), AT).unwrap()
}

/// 5.8.3, 5.8.4, 5.8.5: `qual.select`, `qual.send`, `qual.reduce`.
#[test]
fn a_draw_uses_a_chance_up() {
    each(|shop| {
        shop.ask(&chances()).result.unwrap();
        let map = shop.ask(&select()).result.unwrap().qual_map;
        assert_eq!(map.len(), 1);
        assert_eq!((map[0].begin.to_string(), map[0].count), ("20261129".into(), 2));
        let drawn = shop.ask(&draw()).result.unwrap();
        assert_eq!(drawn.resp_time.map(|at| at.0 / 10_000), Some(AT.0 / 10_000));
        let award = drawn.award_info.unwrap();
        assert_eq!((award.award_type, award.award_value), (Some(AwardType::RedPacket), Some(188)));
        assert_eq!((shop.truth().draws, shop.truth().chances), (1, 1));
    });
}

pub(super) fn select() -> QualSelect {
    QualSelect::new(UnionPaySettings::default().qual_num.parse().unwrap(), mobile())
}

pub(super) fn draw() -> QualReduce {
    QualReduce::new(
        "1320190910000374".parse().unwrap(),
        UnionPaySettings::default().qual_num.parse().unwrap(),
        mobile(),
        "9865785412639875641235874156728".parse().unwrap(),
    )
    .order_amount("1".parse().unwrap())
    .ic_terminal("leirwei".parse().unwrap())
}

/// A draw without a budget is refused by the code of 7.10, blank or no blank.
#[test]
fn a_draw_without_a_budget_is_refused() {
    each(|shop| {
        shop.server.with(|it| it.unionpay_mut().settings_mut().ins_balance = Fen(0));
        shop.ask(&chances()).result.unwrap();
        let refusal = shop.ask(&draw()).result.unwrap_err();
        assert_eq!(refusal.code.as_str(), "AM03051");
        assert_eq!(shop.truth().packets, 0);
    });
}

/// An empty account answers success, and nobody gets anything (7.10 note 1): that is why it is not
/// called given.
#[test]
fn an_empty_account_accepts() {
    each(|shop| {
        shop.server.with(|it| it.unionpay_mut().settings_mut().ins_balance = Fen(0));
        assert!(shop.ask(&packet(open_id())).result.is_ok());
        assert_eq!(shop.truth().packets, 0);
    });
}

/// The page's scope decides: a user who agreed to less is not asked for more.
#[test]
fn a_refusal_has_its_code() {
    each(|shop| {
        let refusal =
            shop.ask(&UserMobile::new(open_id(), access("upapi_base"))).result.unwrap_err();
        assert_eq!(refusal.code.as_str(), "N62131");
        assert_eq!(shop.calls(CallName::UserMobile), 1);
    });
}
