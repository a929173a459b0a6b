//! The calls: what leaves, and what is read.

mod answers;
mod arguments;
mod once;
mod openssl;
mod properties;
mod requests;
mod secrets;
mod signatures;
mod tokens;

use std::fmt::Debug;

use m26_pay::gateway::unionpay::{
    ActivityNumber, App, AppId, AppSecret, AuthorisationCode, BackendToken, BaseUrl, BussCardNo,
    Call, CardModuleId, CardSubTp, CertId, ContractApply, ContractCode, ContractId, ContractInfo,
    ContractRelieve, ContractStatus, GetAccessToken, GetBackendToken, GetFrontToken, InsAcctId,
    MessageContent, MessageUrl, Mobile, NewMsgPush, NonceStr, OpenId, PersonName, PlanId,
    PutIndustryCard, QualNum, QualReduce, QualSelect, QualSend, RedPacketGive, RedPacketSelect,
    RefundNo, ReturnTax, Stamp, SymmetricKey, Timestamp, TransNumber, TransTp, UserAuth,
    UserMobile, VerifyPwdSeqId,
};
use m26_pay::gateway::{HttpRequest, HttpResponse};
use m26_pay::unix_time::UnixMillis;
use serde_json::Value;
use support::keys::Pair;

/// 2025-11-29 21:00:07 in UTC, the next morning in Beijing.
const AT: UnixMillis = UnixMillis(1_764_450_007_000);

const APP_ID: &str = "fb707efe000000000000000c3a9e06d8";

const KEY: &str = "1122334455667788aabbccddeeff00119988776655443322";

/// With signs that have a meaning in a URL and in JSON.
const OPEN_ID: &str = "42q4vi0Ae+8oe0R0dx0S/MSYF2HC==";

/// An application with made-up keys.
fn app() -> App {
    let app = App::new(
        BaseUrl::live(),
        AppId::new(APP_ID).unwrap(),
        AppSecret::new("dev-secret").unwrap(),
    );
    app.symmetric_key(symmetric_key()).partner_key(Pair::app().private_key()).unwrap()
}

fn symmetric_key() -> SymmetricKey {
    SymmetricKey::new(KEY).unwrap()
}

/// The random text of the spec's samples, and a time that a set clock can show.
fn stamp() -> Stamp {
    Stamp {
        nonce_str: NonceStr::new("KFTrLiCknhMlKKuv").unwrap(),
        timestamp: Timestamp::new(AT).unwrap(),
    }
}

fn backend_token() -> BackendToken {
    BackendToken::new("ip76w9FgSjaxuN0tajG4Rg==").unwrap()
}

/// The address and the body of a call.
fn sent<C: Call>(app: &App, call: &C) -> (String, Value) {
    opened(&app.request_with(call, Some(&backend_token()), &stamp()).unwrap())
}

fn opened(request: &HttpRequest) -> (String, Value) {
    assert_eq!(request.content_type(), "application/json;charset=UTF-8");
    (request.url().to_owned(), serde_json::from_slice(request.body()).unwrap())
}

fn response(body: impl Into<Vec<u8>>) -> HttpResponse {
    HttpResponse::new(200, Some("application/json".into()), body.into())
}

fn open_id() -> OpenId {
    OpenId::new(OPEN_ID).unwrap()
}

fn mobile() -> Mobile {
    Mobile::new("13800000000").unwrap()
}

fn account() -> InsAcctId {
    InsAcctId::new("T00T00000000888527").unwrap()
}

fn number() -> TransNumber {
    TransNumber::new("20191029163610128532046164531").unwrap()
}

fn pool() -> QualNum {
    QualNum::new("681ee844-40de-0376-1257-3ace7bc3a7c2").unwrap()
}

fn access_token() -> m26_pay::gateway::unionpay::AccessToken {
    "APwY8AIr7URGk2FP+3==".parse().unwrap()
}

fn plan() -> PlanId {
    PlanId::new("11495f99471f4c1cbcdecdd2bee79491").unwrap()
}

fn code() -> ContractCode {
    ContractCode::new("684916616616").unwrap()
}

fn verify_pwd_seq_id() -> VerifyPwdSeqId {
    VerifyPwdSeqId::new(
        open_id(),
        access_token(),
        "711076926887122".parse().unwrap(),
        "4h".parse().unwrap(),
        "474919534200503".parse().unwrap(),
        "https://notify.example/pay?a=b&c=d".parse().unwrap(),
    )
}

fn contract_apply() -> ContractApply {
    ContractApply::new(open_id(), access_token(), plan(), code())
}

fn contract_relieve() -> ContractRelieve {
    let contract_id = ContractId::new("6218400000002487633").unwrap();
    ContractRelieve::new(open_id(), contract_id, plan(), code())
}

fn new_msg_push() -> NewMsgPush {
    let content = MessageContent::new("推送的\"消息\"").unwrap();
    NewMsgPush::new(open_id(), content, MessageUrl::new("https://mobile.example/a?b=c").unwrap())
}

fn put_industry_card() -> PutIndustryCard {
    PutIndustryCard::new(
        TransTp::Add,
        open_id(),
        CardModuleId::new("213454765435423").unwrap(),
        BussCardNo::new("12321325347654").unwrap(),
        CardSubTp::new("1").unwrap(),
    )
    .name(PersonName::new("张三").unwrap())
    .cert_id(CertId::new("11010519491231002X").unwrap())
    .mobile_no(mobile())
}

fn red_packet_give() -> RedPacketGive {
    RedPacketGive::new(account(), number(), mobile(), "1.50".parse().unwrap()).unwrap()
}

fn qual_send() -> QualSend {
    let (start, end) = ("20261129".parse().unwrap(), "20261231".parse().unwrap());
    QualSend::new(pool(), mobile(), 2.try_into().unwrap(), number(), start, end).unwrap()
}

fn qual_reduce() -> QualReduce {
    let draw = ActivityNumber::new("1320190910000374").unwrap();
    QualReduce::new(draw, pool(), mobile(), number())
}

/// What is done with each call of the platform.
pub(crate) trait Visitor {
    /// `params` is what a success of this call says.
    fn visit<C: Call + Debug>(&mut self, call: &C, params: &Value)
    where
        C::Answer: Debug;
}

/// Shows each of the 18 calls, with the parameters of a success.
pub(crate) fn every(visitor: &mut impl Visitor) {
    use serde_json::json;
    let token = json!({"backendToken": "newBackend==", "expiresIn": 7200});
    visitor.visit(&GetBackendToken, &token);
    visitor.visit(&GetFrontToken, &json!({"frontToken": "newFront==", "expiresIn": "7200"}));
    let granted = json!({
        "accessToken": "newAccess==", "expiresIn": "3600", "refreshToken": "newRefresh",
        "openId": OPEN_ID, "scope": " upapi_base ",
    });
    let code_of_login = AuthorisationCode::new("KFTrLiCknhMlKKuv").unwrap();
    visitor.visit(&GetAccessToken::new(code_of_login), &granted);
    let encrypt = |text| symmetric_key().encrypt(text);
    let number_of_user = json!({"mobile": encrypt("13900000000")});
    visitor.visit(&UserMobile::new(open_id(), access_token()), &number_of_user);
    let identity = json!({
        "realName": encrypt("李四"), "certTp": encrypt("01"), "certId": encrypt("110105199001010011"),
    });
    visitor.visit(&UserAuth::new(open_id(), access_token()), &identity);
    let trans_no = json!({"transNo": "216609E51C1649DD94231B720FDE1DD9"});
    visitor.visit(&verify_pwd_seq_id(), &trans_no);
    let applied = json!({
        "contractCode": "684916616616", "contractId": "6218400000002496717", "openId": OPEN_ID,
        "operationTime": "20190324203725", "planId": "11495f99471f4c1cbcdecdd2bee79491",
    });
    visitor.visit(&contract_apply(), &applied);
    let relieved = json!({
        "contractCode": "684916616616", "openId": OPEN_ID, "operateTime": "2019-03-24 18:38:27",
        "planId": "11495f99471f4c1cbcdecdd2bee79491",
    });
    visitor.visit(&contract_relieve(), &relieved);
    visitor.visit(&ContractStatus::new(open_id()), &json!({"enable": "0"}));
    let info = json!({"contractStatus": "3", "contractId": "6218400000002450474"});
    visitor.visit(&ContractInfo::new(open_id(), plan()), &info);
    let pushed = json!({"appId": APP_ID, "openId": OPEN_ID, "resultCd": "00"});
    visitor.visit(&new_msg_push(), &pushed);
    let card = json!({"cardNo": encrypt("6200000000000000"), "cardTyoe": "1", "resp": "00"});
    visitor.visit(&ReturnTax::new(RefundNo::new("1232144356436").unwrap()), &card);
    visitor.visit(&put_industry_card(), &json!({"resp": ""}));
    visitor.visit(&red_packet_give(), &json!({"resp": ""}));
    let balance = json!({
        "acctSt": encrypt("1"), "acctBalance": encrypt("100"), "validBeginDtTm": "",
        "validEndDtTm": "",
    });
    visitor.visit(&RedPacketSelect::new(account(), number(), AT).unwrap(), &balance);
    let chances = json!({"qualMap": {"20171108_20171101": 3}, "respCode": "00", "respMsg": "成功"});
    visitor.visit(&QualSelect::new(pool(), open_id()), &chances);
    visitor.visit(&qual_send(), &json!({"resp": ""}));
    let drawn = json!({
        "resp": "00", "respTime": "20191029163210", "transNumber": "20191029163610128532046164531",
        "awardInfo": {"awardType": "06", "awardValue": "188", "awardName": "红包", "extAcctId": ""},
    });
    visitor.visit(&qual_reduce(), &drawn);
}
