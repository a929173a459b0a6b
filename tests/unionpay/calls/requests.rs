//! Every call as it leaves: its address and its whole body, as the spec draws them.

use m26_pay::gateway::unionpay::{
    App, AppId, AppSecret, AuthorisationCode, BaseUrl, Call, ChannelNo, ContractInfo,
    ContractStatus, GetAccessToken, GetBackendToken, Pan, PutIndustryCard, QualSelect, Receiver,
    RedPacketGive, RedPacketSelect, RefundNo, Region, Remark, RequestError, ReturnTax, UserAuth,
    UserMobile,
};
use m26_pay::gateway::{Deadlines, Delivery, HttpRequest, HttpResponse, Transport, TransportError};
use m26_pay::unix_time::UnixMillis;
use serde_json::{Value, json};

use super::{
    APP_ID, AT, KEY, OPEN_ID, Visitor, access_token, account, app, backend_token, contract_apply,
    contract_relieve, every, mobile, new_msg_push, number, open_id, plan, pool, put_industry_card,
    qual_reduce, qual_send, red_packet_give, sent, symmetric_key, verify_pwd_seq_id,
};

const BASE: &str = "https://open.95516.com/open/access/1.0/";

/// The body of a call that goes by its backend token.
#[track_caller]
fn by_token<C: Call>(call: &C, name: &str, mut params: Value) {
    let (url, body) = sent(&app(), call);
    assert_eq!(url, format!("{BASE}{name}"));
    params["appId"] = json!(APP_ID);
    params["backendToken"] = json!("ip76w9FgSjaxuN0tajG4Rg==");
    assert_eq!(body, params);
}

/// The body of a call that is signed, without its signature.
#[track_caller]
fn by_signature<C: Call>(call: &C, name: &str, mut params: Value) {
    let (url, mut body) = sent(&app(), call);
    assert_eq!(url, format!("{BASE}{name}"));
    assert_eq!(body["signature"].as_str().map(str::len), Some(344), "RSA of 2048 bits");
    body.as_object_mut().unwrap().remove("signature");
    params["appId"] = json!(APP_ID);
    params["nonceStr"] = json!("KFTrLiCknhMlKKuv");
    params["timestamp"] = json!("1764450007");
    assert_eq!(body, params);
}

fn encrypt(text: &str) -> String {
    symmetric_key().encrypt(text)
}

#[test]
fn token() {
    let call = GetAccessToken::new(AuthorisationCode::new("KFTr+LiC/knh==").unwrap());
    by_token(&call, "token", json!({"code": "KFTr+LiC/knh==", "grantType": "authorization_code"}));
}

#[test]
fn user_mobile_and_user_auth() {
    let params = json!({"accessToken": "APwY8AIr7URGk2FP+3==", "openId": OPEN_ID});
    by_token(&UserMobile::new(open_id(), access_token()), "user.mobile", params.clone());
    by_token(&UserAuth::new(open_id(), access_token()), "user.auth", params);
}

#[test]
fn verify_pwd_seq_id_has_ten_fields_and_no_backend_token() {
    let mut params = json!({
        "openId": OPEN_ID, "clientIp": "", "bizOrderId": "711076926887122", "bizType": "4h",
        "merchantId": "474919534200503", "notifyUrl": "https://notify.example/pay?a=b&c=d",
        "accessToken": "APwY8AIr7URGk2FP+3==",
    });
    by_signature(&verify_pwd_seq_id(), "verifyPwdSeqId", params.clone());
    params["clientIp"] = json!("192.168.8.104");
    let call = verify_pwd_seq_id().client_ip([192, 168, 8, 104].into());
    by_signature(&call, "verifyPwdSeqId", params);
}

#[test]
fn contracts() {
    let plan_id = "11495f99471f4c1cbcdecdd2bee79491";
    by_token(
        &contract_apply(),
        "contract.apply",
        json!({
            "accessToken": "APwY8AIr7URGk2FP+3==", "openId": OPEN_ID, "planId": plan_id,
            "contractCode": "684916616616",
        }),
    );
    by_token(
        &contract_relieve(),
        "contract.relieve",
        json!({
            "openId": OPEN_ID, "contractId": "6218400000002487633", "planId": plan_id,
            "contractCode": "684916616616",
        }),
    );
    by_token(&ContractStatus::new(open_id()), "contract.status", json!({"openId": OPEN_ID}));
    let params = json!({"openId": OPEN_ID, "planId": plan_id});
    by_token(&ContractInfo::new(open_id(), plan()), "contract.info", params);
}

#[test]
fn a_message() {
    let params = json!({
        "openId": OPEN_ID, "content": "推送的\"消息\"", "url": "https://mobile.example/a?b=c",
    });
    by_token(&new_msg_push(), "new.msg.push", params);
}

#[test]
fn a_tax_refund() {
    let call = ReturnTax::new(RefundNo::new("1232144356436").unwrap());
    by_token(&call, "return.tax", json!({"refundNo": "1232144356436"}));
}

#[test]
fn an_industry_card_without_what_is_left_out() {
    let mut params = json!({
        "cardModuleId": "213454765435423", "bussCardNo": "12321325347654", "cardSubTp": "1",
        "transTp": "01", "openId": OPEN_ID, "name": encrypt("张三"),
        "certId": encrypt("11010519491231002X"), "mobileNo": encrypt("13800000000"),
    });
    by_token(&put_industry_card(), "putIndustryCard", params.clone());
    let more = put_industry_card()
        .region(Region::new("200120").unwrap())
        .channel_no(ChannelNo::new("12343534654756").unwrap());
    params["region"] = json!("200120");
    params["channelNo"] = json!("12343534654756");
    by_token(&more, "putIndustryCard", params);
}

#[test]
fn a_red_packet_with_what_is_left_out() {
    let mut params = json!({
        "insAcctId": "T00T00000000888527", "transNumber": "20191029163610128532046164531",
        "openId": "", "mobile": encrypt("13800000000"), "pan": "", "pointAt": encrypt("150"),
        "remark": "",
    });
    by_signature(&red_packet_give(), "red.packet.give", params.clone());
    let pan = Pan::new("6200000000000000").unwrap();
    let receiver = Receiver::from(open_id()).mobile(mobile()).pan(pan);
    let call = RedPacketGive::new(account(), number(), receiver, "1.50".parse().unwrap()).unwrap();
    params["openId"] = json!(OPEN_ID);
    params["pan"] = json!(encrypt("6200000000000000"));
    params["remark"] = json!("谢谢");
    by_signature(&call.remark(Remark::new("谢谢").unwrap()), "red.packet.give", params);
}

#[test]
fn a_balance_is_asked_for_by_beijings_clock() {
    let params = json!({
        "insAcctId": "T00T00000000888527", "transNumber": "20191029163610128532046164531",
        "transDt": "20251130", "transTm": "20251130050007",
    });
    let call = RedPacketSelect::new(account(), number(), AT).unwrap();
    by_token(&call, "red.packet.select", params);
}

#[test]
fn chances() {
    for (call, kind, value) in [
        (QualSelect::new(pool(), open_id()), "open_id", OPEN_ID),
        (QualSelect::new(pool(), mobile()), "mobile", "13800000000"),
        (
            QualSelect::new(pool(), Pan::new("6200000000000000").unwrap()),
            "card_no",
            "6200000000000000",
        ),
    ] {
        let params = json!({
            "qualNum": "681ee844-40de-0376-1257-3ace7bc3a7c2", "qualType": kind,
            "qualValue": encrypt(value),
        });
        by_token(&call, "qual.select", params);
    }
    let params = json!({
        "qualNum": "681ee844-40de-0376-1257-3ace7bc3a7c2", "qualType": "mobile",
        "qualValue": encrypt("13800000000"), "count": encrypt("2"),
        "transNumber": "20191029163610128532046164531", "startDate": "20261129",
        "endDate": "20261231",
    });
    by_signature(&qual_send(), "qual.send", params);
}

#[test]
fn a_draw_with_what_is_left_out() {
    let mut params = json!({
        "activityNumber": "1320190910000374", "orderAmount": "",
        "qualNum": "681ee844-40de-0376-1257-3ace7bc3a7c2", "qualType": "mobile",
        "qualValue": encrypt("13800000000"), "certId": "", "icTerminal": "", "qrCode": "",
        "transNumber": "20191029163610128532046164531",
    });
    by_signature(&qual_reduce(), "qual.reduce", params.clone());
    params["orderAmount"] = json!("1");
    params["certId"] = json!(encrypt("11010519491231002X"));
    params["icTerminal"] = json!("leirwei");
    params["qrCode"] = json!("33333");
    let call = qual_reduce()
        .order_amount("1".parse().unwrap())
        .cert_id("11010519491231002X".parse().unwrap())
        .ic_terminal("leirwei".parse().unwrap())
        .qr_code("33333".parse().unwrap());
    by_signature(&call, "qual.reduce", params);
}

#[test]
fn every_request_is_new_and_of_its_time() {
    let body = |at| {
        let request = app().request(&GetBackendToken, None, UnixMillis(at)).unwrap();
        serde_json::from_slice::<Value>(request.body()).unwrap()
    };
    let (one, other) = (body(AT.0), body(AT.0));
    assert_ne!(one["nonceStr"], other["nonceStr"]);
    assert_ne!(one["signature"], other["signature"]);
    assert_eq!(one["timestamp"], "1764450007");
    assert_eq!(body(AT.0 + 1999)["timestamp"], "1764450008");
}

#[test]
fn a_call_without_what_it_needs_does_not_leave() {
    #[derive(Debug)]
    struct Nobody;
    impl Transport for Nobody {
        fn send(&self, _: &HttpRequest, _: Deadlines) -> Result<HttpResponse, TransportError> {
            panic!("something left");
        }
    }
    let bare = App::new(
        BaseUrl::live(),
        AppId::new(APP_ID).unwrap(),
        AppSecret::new("dev-secret").unwrap(),
    );
    let error = |app: &App, call: &PutIndustryCard| app.request(call, None, AT).unwrap_err();
    assert_eq!(error(&bare, &put_industry_card()), RequestError::NoBackendToken);
    let error = bare.request(&put_industry_card(), Some(&backend_token()), AT).unwrap_err();
    assert_eq!(error, RequestError::NoSymmetricKey { field: "name" });
    let error = bare.request(&red_packet_give(), None, AT).unwrap_err();
    assert_eq!(error, RequestError::NoPartnerKey);
    let deadlines = Deadlines::default();
    let error = app().call(&GetBackendToken, None, &Nobody, deadlines, UnixMillis(0)).unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
    assert!(error.to_string().contains("clock"), "{error}");
    let error = bare.call(&red_packet_give(), None, &Nobody, deadlines, AT).unwrap_err();
    assert_eq!(error.delivery(), Delivery::NotSent);
}

/// The secret is a part of signatures, and leaves with no call (5.1.1: 无需上送).
#[test]
fn the_keys_never_leave() {
    struct Leaves(usize);
    impl Visitor for Leaves {
        fn visit<C: Call + std::fmt::Debug>(&mut self, call: &C, _: &Value) {
            let request = app().request(call, Some(&backend_token()), AT).unwrap();
            let whole = format!("{} {}", request.url(), String::from_utf8_lossy(request.body()));
            assert!(!whole.contains("dev-secret") && !whole.contains(KEY), "{whole}");
            assert!(!request.url().contains('?'), "{whole}");
            self.0 += 1;
        }
    }
    let mut leaves = Leaves(0);
    every(&mut leaves);
    assert_eq!(leaves.0, 18);
}

#[test]
fn any_base_leads_to_the_call() {
    for base in ["http://127.0.0.1:8080/open/access/1.0", "http://127.0.0.1:8080/open/access/1.0/"]
    {
        let secret = AppSecret::new("dev-secret").unwrap();
        let app = App::new(base.parse().unwrap(), AppId::new(APP_ID).unwrap(), secret);
        let request = app.request(&GetBackendToken, None, AT).unwrap();
        assert_eq!(request.url(), "http://127.0.0.1:8080/open/access/1.0/backendToken");
    }
}
