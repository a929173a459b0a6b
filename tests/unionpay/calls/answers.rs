//! What an answer says: the spec's samples, their misspellings, and what is no answer.

use std::time::Duration;

use m26_pay::gateway::unionpay::{
    Answer, AnswerError, App, AppId, AppSecret, AuthorisationCode, AwardType, BaseUrl, Call,
    CardType, CertTp, Code, ContractInfo, ContractState, ContractStatus, Draw, GetAccessToken,
    GetBackendToken, QualSelect, RedPacketSelect, RefundNo, Refusal, Remedy, ReturnTax, Scope,
    UserAuth, UserMobile,
};
use m26_pay::gateway::{Effect, FieldError, HttpResponse, NoAnswer};
use m26_pay::unix_time::UnixMillis;
use serde_json::{Value, json};

use super::{
    APP_ID, AT, OPEN_ID, Visitor, access_token, account, app, contract_apply, contract_relieve,
    every, new_msg_push, number, open_id, plan, pool, put_industry_card, qual_reduce, qual_send,
    red_packet_give, response, symmetric_key, verify_pwd_seq_id,
};

fn read<C: Call>(call: &C, body: impl Into<Vec<u8>>) -> Result<Answer<C::Answer>, AnswerError> {
    app().read(call, &response(body))
}

#[track_caller]
fn success<C: Call>(call: &C, body: impl Into<Vec<u8>>) -> C::Answer {
    read(call, body).unwrap().result.unwrap()
}

fn refusal<C: Call>(call: &C, body: impl Into<Vec<u8>>) -> Refusal
where
    C::Answer: std::fmt::Debug,
{
    read(call, body).unwrap().result.unwrap_err()
}

fn field<T: std::fmt::Debug>(answer: Result<Answer<T>, AnswerError>) -> FieldError {
    match answer.unwrap_err() {
        AnswerError::Field(error) => error,
        error => panic!("{error}"),
    }
}

fn given(params: Value) -> String {
    json!({"msg": "", "params": params, "resp": "00"}).to_string()
}

fn encrypt(text: &str) -> String {
    symmetric_key().encrypt(text)
}

/// 4.3: without an envelope, with blanks; its commas put in.
#[test]
fn the_sample_of_token() {
    let call = GetAccessToken::new(AuthorisationCode::new("KFTrLiCknhMlKKuv").unwrap());
    let sample = r#"{
        "accessToken":"APwY8AIr7URGk2FP6zyO4IpoBCQ48+2iy3+b9TWfGmpTjJfbUlFKg8f5qJxUcxJd0POQFrP43cSFwdl1j7bUvxwvrp2/0iLs ",
        "expiresIn":"3600",
        "refreshToken":"KFTrLiCknhMlKKuv",
        "openId":"JUyCjGbfhTxlSKtGka9hAgTAc1hMOY40gCD6fcB/2I5OOEkEXYrlsx2oAalWQitX ",
        "scope":" upapi_base "
    }"#;
    let granted = success(&call, sample);
    assert!(granted.access_token.expose().ends_with("/0iLs"));
    assert_eq!(granted.expires_in, Duration::from_secs(3600));
    assert!(granted.open_id.expose().ends_with("WQitX"));
    assert_eq!(granted.scope, Some(Scope::Base));
    assert_eq!(granted.refresh_token.unwrap().expose(), "KFTrLiCknhMlKKuv");
    // As it stands in the spec it is no JSON.
    let damaged = sample.replace("\"3600\",", "\"3600\"");
    assert!(matches!(
        read(&call, damaged),
        Err(AnswerError::NoAnswer { reason: NoAnswer::NotJson, .. })
    ));
    let enveloped = given(serde_json::from_str(sample).unwrap());
    assert_eq!(success(&call, enveloped).expires_in, Duration::from_secs(3600));
    // An object that is not this call's is no success of it.
    assert!(read(&call, r#"{"backendToken":"a","expiresIn":7200}"#).is_err());
}

#[test]
fn who_a_user_is() {
    let mobile = given(json!({"mobile": encrypt("13900000000")}));
    let answer = success(&UserMobile::new(open_id(), access_token()), mobile);
    assert_eq!(answer.mobile.expose(), "13900000000");
    let call = UserAuth::new(open_id(), access_token());
    for (kind, expected) in [
        ("01", CertTp::IdentityCard),
        ("03", CertTp::Passport),
        ("04", CertTp::HomeReturnPermit),
        ("05", CertTp::TaiwanPermit),
    ] {
        let params = json!({
            "realName": encrypt("李四"), "certTp": encrypt(kind), "certId": encrypt("123X"),
        });
        let identity = success(&call, given(params));
        assert_eq!(identity.real_name.unwrap().expose(), "李四");
        assert_eq!(identity.cert_tp.as_ref().map(CertTp::as_str), Some(kind));
        assert_eq!(identity.cert_tp, Some(expected));
        assert_eq!(identity.cert_id.unwrap().expose(), "123X");
    }
    let other = success(&call, given(json!({"certTp": encrypt("99"), "realName": ""})));
    assert_eq!(other.cert_tp.as_ref().map(CertTp::as_str), Some("99"));
    assert_eq!(other.real_name, None);
}

#[test]
fn what_cannot_be_decrypted_says_which_key() {
    let call = UserMobile::new(open_id(), access_token());
    // A sample of 5.2.2.4, under a key that nobody here has.
    let error = field(read(&call, given(json!({"mobile": "RGfb8ZmFGCI="}))));
    assert_eq!(error.field, "mobile");
    assert!(error.to_string().contains("symmetric key"), "{error}");
    let secret = AppSecret::new("dev-secret").unwrap();
    let keyless = App::new(BaseUrl::live(), AppId::new(APP_ID).unwrap(), secret);
    let body = response(given(json!({"mobile": encrypt("13900000000")})));
    let error = field(keyless.read(&call, &body));
    assert!(error.to_string().contains("was given no symmetric key"), "{error}");
    assert_eq!(field(read(&call, given(json!({"mobile": ""})))).expected, "there");
}

#[test]
fn a_number_for_the_password() {
    let sample =
        r#"{"msg":"","params":{"transNo":"216609E51C1649DD94231B720FDE1DD9"},"resp":"00"}"#;
    let answer = success(&verify_pwd_seq_id(), sample);
    assert_eq!(answer.trans_no.as_str(), "216609E51C1649DD94231B720FDE1DD9");
    assert_eq!(field(read(&verify_pwd_seq_id(), given(json!({})))).field, "transNo");
}

/// 5.4.1 and 5.4.2: both names and both forms of the time.
#[test]
fn contracts_with_both_names_and_forms_of_the_time() {
    let at = UnixMillis(1_553_423_907_000);
    for name in ["operateTime", "operationTime"] {
        for time in ["20190324183827", "2019-03-24 18:38:27", " 20190324183827 "] {
            let mut params = json!({
                "contractCode": "684916616616", "contractId": "6218400000002496717",
                "openId": OPEN_ID, "planId": "11495f99471f4c1cbcdecdd2bee79491",
            });
            params[name] = json!(time);
            let applied = success(&contract_apply(), given(params.clone()));
            assert_eq!(applied.contract_id.expose(), "6218400000002496717");
            assert_eq!(applied.operate_time, Some(at), "{name} {time}");
            let relieved = success(&contract_relieve(), given(params));
            assert_eq!(relieved.operate_time, Some(at), "{name} {time}");
        }
    }
    // A contract that was made is one, whatever form the time has.
    let params = json!({"contractId": "6218400000002496717", "operateTime": "24/03/2019"});
    assert_eq!(success(&contract_apply(), given(params)).operate_time, None);
    assert_eq!(field(read(&contract_apply(), given(json!({})))).field, "contractId");
}

/// An answer that repeats another's arguments is no answer to this call.
#[test]
fn what_speaks_of_another_is_no_answer() {
    for (name, other) in [("contractCode", "1"), ("planId", "2"), ("openId", "3")] {
        let mut params = json!({"contractId": "6218400000002496717"});
        params[name] = json!(other);
        assert_eq!(field(read(&contract_apply(), given(params.clone()))).field, name);
        assert_eq!(field(read(&contract_relieve(), given(params))).field, name);
    }
    let params = json!({"openId": "other", "resultCd": "00"});
    assert_eq!(field(read(&new_msg_push(), given(params))).field, "openId");
    let params = json!({"resp": "00", "transNumber": "other"});
    assert_eq!(field(read(&qual_reduce(), given(params))).field, "transNumber");
}

#[test]
fn orders_that_are_not_finished() {
    let call = ContractStatus::new(open_id());
    for (enable, number) in [(json!("0"), 0), (json!(0), 0), (json!("12"), 12), (json!(3), 3)] {
        assert_eq!(success(&call, given(json!({"enable": enable}))).enable, number);
    }
    for enable in [json!(""), json!("-1"), json!(true), json!("many"), json!(null)] {
        assert_eq!(field(read(&call, given(json!({"enable": enable})))).field, "enable");
    }
}

/// 5.4.5, with `result` around it; its second brace is no JSON.
#[test]
fn is_there_a_contract() {
    let call = ContractInfo::new(open_id(), plan());
    let body = |params: &Value| {
        json!({"result": {"resp": "00", "msg": "成功", "params": params}}).to_string()
    };
    for (status, state) in
        [("", ContractState::None), ("1", ContractState::Signed), ("3", ContractState::Relieved)]
    {
        let params = json!({"contractStatus": status, "contractId": "6218400000002450474"});
        let relation = success(&call, body(&params));
        assert_eq!(relation.status, state);
        assert_eq!(relation.status.as_str(), status);
        assert_eq!(relation.contract_id.unwrap().expose(), "6218400000002450474");
    }
    let other = success(&call, body(&json!({"contractStatus": 7, "contractId": ""})));
    assert_eq!((other.status.as_str(), other.contract_id), ("7", None));
    assert_eq!(field(read(&call, body(&json!({})))).field, "contractStatus");
    let damaged = r#"{"result":{{"resp":"00","params":{"contractStatus":"1"}}}}"#;
    assert!(read(&call, damaged).is_err());
}

/// 5.5.1: the outer code says that the call was taken, the inner one that the message was.
#[test]
fn a_message_is_accepted_only_if_both_codes_say_so() {
    let body = |result: &str, resp: &str| {
        let params = json!({"appId": APP_ID, "openId": OPEN_ID, "resultCd": result});
        json!({"result": {"msg": "成功", "params": params, "resp": resp}}).to_string()
    };
    success(&new_msg_push(), body("00", "00"));
    assert_eq!(refusal(&new_msg_push(), body("17", "00")).code.as_str(), "17");
    assert_eq!(refusal(&new_msg_push(), body("00", "a10")).code, Code::BACKEND_TOKEN);
}

/// 5.6.1: `cardTyoe` in the table, `cardType` in the sample, and a sample in which all is empty.
#[test]
fn a_refunds_card_by_both_spellings() {
    let call = ReturnTax::new(RefundNo::new("1232144356436").unwrap());
    let sample =
        r#"{"result":{"msg":"成功","params":{"cardNo":"","cardType":"","resp":""},"resp":"00"}}"#;
    let card = success(&call, sample);
    assert_eq!((card.card_no, card.card_type), (None, None));
    for name in ["cardType", "cardTyoe"] {
        for (kind, expected) in [
            ("1", CardType::Debit),
            ("2", CardType::Credit),
            ("3", CardType::QuasiCredit),
            ("4", CardType::DebitAndCredit),
        ] {
            let mut params = json!({"cardNo": encrypt("6200000000000000"), "resp": "00"});
            params[name] = json!(kind);
            let card = success(&call, given(params));
            assert_eq!(card.card_no.unwrap().expose(), "6200000000000000");
            assert_eq!(card.card_type.as_ref().map(CardType::as_str), Some(kind));
            assert_eq!(card.card_type, Some(expected));
        }
    }
    assert_eq!(refusal(&call, given(json!({"resp": "N62134"}))).code.as_str(), "N62134");
}

#[test]
fn what_is_taken_in_is_accepted_and_refused_by_either_code() {
    struct Codes(Vec<&'static str>);
    impl Visitor for Codes {
        fn visit<C: Call + std::fmt::Debug>(&mut self, call: &C, params: &Value)
        where
            C::Answer: std::fmt::Debug,
        {
            let body = |resp: &str, params: &Value| {
                json!({"msg": "", "params": params, "resp": resp}).to_string()
            };
            success(call, body("00", params));
            success(call, json!({"result": {"resp": "00", "params": params}}).to_string());
            for resp in ["a10", "N62131", "01", "0", "000", "X"] {
                assert_eq!(refusal(call, body(resp, params)).code.as_str(), resp, "{}", C::NAME);
            }
            let Some(inner) = C::INNER_CODE else { return };
            self.0.push(C::NAME);
            let mut params = params.clone();
            params[inner] = json!(" AM03051");
            assert_eq!(refusal(call, body("00", &params)).code, Code::DRAW_BALANCE);
        }
    }
    let mut codes = Codes(Vec::new());
    every(&mut codes);
    let with_two = [
        "new.msg.push",
        "return.tax",
        "putIndustryCard",
        "red.packet.give",
        "qual.select",
        "qual.send",
        "qual.reduce",
    ];
    assert_eq!(codes.0, with_two);
    for body in [r#"{"msg":"成功","params":{"resp":""},"resp":"00"}"#, r#"{"resp":"00"}"#] {
        success(&red_packet_give(), body);
        success(&qual_send(), body);
        success(&put_industry_card(), body);
    }
    // Nothing without a code is a success of a call whose success says nothing else.
    for body in ["{}", r#"{"params":{"resp":"00"}}"#, r#"{"resp":""}"#, r#"{"resp":null}"#] {
        assert!(read(&red_packet_give(), body).is_err(), "{body}");
    }
}

/// 7.10 note 2: `" AM03051"`, with the blank, and nothing was given.
#[test]
fn a_draw_whose_account_is_empty() {
    let refusal = refusal(&qual_reduce(), r#"{"resp":" AM03051","msg":"","params":{}}"#);
    assert_eq!(refusal.code, Code::DRAW_BALANCE);
    assert_eq!((refusal.effect(), refusal.meaning.remedy), (Effect::NotDone, Remedy::Platform));
}

#[test]
fn a_balance() {
    let call = RedPacketSelect::new(account(), number(), AT).unwrap();
    let account = success(
        &call,
        given(json!({
            "acctSt": encrypt("1"), "acctBalance": encrypt("10000"), "validBeginDtTm": "",
            "validEndDtTm": "20271231",
        })),
    );
    assert_eq!(account.acct_st.unwrap().expose(), "1");
    assert_eq!(account.acct_balance.unwrap().expose(), "10000");
    assert_eq!(account.valid_begin_dt_tm, None);
    assert_eq!(account.valid_end_dt_tm.unwrap().expose(), "20271231");
}

/// 5.8.3: the end stands before the beginning.
#[test]
fn chances_end_before_they_begin() {
    let call = QualSelect::new(pool(), open_id());
    let sample =
        r#"{"resp":"00","msg":"成功","params":{"qualMap":{},"respCode":"00","respMsg":"成功"}}"#;
    assert!(success(&call, sample).qual_map.is_empty());
    let map = json!({"20171108_20171101": "3", "20271231_20270101": 12});
    let chances = success(&call, given(json!({"qualMap": map}))).qual_map;
    let shown = |at: usize| {
        let chance = &chances[at];
        (chance.begin.to_string(), chance.end.to_string(), chance.count)
    };
    assert_eq!(shown(0), ("20171101".into(), "20171108".into(), 3));
    assert_eq!(shown(1), ("20270101".into(), "20271231".into(), 12));
    for map in [
        json!({"20171108": 1}),
        json!({"20171108_2017110": 1}),
        json!({"20171108_20171101": ""}),
        json!({"20171108_20171101": -1}),
        json!("none"),
        json!(null),
    ] {
        assert_eq!(field(read(&call, given(json!({"qualMap": map})))).field, "qualMap", "{map}");
    }
}

#[test]
fn a_draw() {
    let all_empty = r#"{"msg":"","params":{"resp":"","respTime":"","awardInfo":{"activityNumber":"",
        "activityName":"","beginTime":"","endTime":"","awardId":"","awardType":"","awardName":"",
        "awardValue":"","extAcctId":"","extAcctName":"","drawDesc":"","couponStartDate":"",
        "couponEndDate":"","couponGoodsUrl":""},"transNumber":""},"resp":"00"}"#;
    let Draw { resp_time, award_info, .. } = success(&qual_reduce(), all_empty);
    assert_eq!((resp_time, award_info), (None, None));
    let award = |kind: &str| {
        let info = json!({
            "activityNumber": "1", "activityName": "午餐", "beginTime": "a", "endTime": "b",
            "awardId": "c", "awardType": kind, "awardName": "d", "awardValue": 188,
            "extAcctId": "e", "extAcctName": "f", "drawDesc": "g", "couponStartDate": "h",
            "couponEndDate": "i", "couponGoodsUrl": "j",
        });
        let params = json!({"resp": "00", "respTime": "20190324183827", "awardInfo": info});
        let draw = success(&qual_reduce(), given(params));
        assert_eq!(draw.resp_time, Some(UnixMillis(1_553_423_907_000)));
        draw.award_info.unwrap()
    };
    let packet = award("06");
    assert_eq!((packet.award_type, packet.award_value), (Some(AwardType::RedPacket), Some(188)));
    let coupon = award("07");
    assert_eq!(coupon.award_type, Some(AwardType::Coupon));
    let texts = [
        coupon.activity_number,
        coupon.activity_name,
        coupon.begin_time,
        coupon.end_time,
        coupon.award_id,
        coupon.award_name,
        coupon.ext_acct_id,
        coupon.ext_acct_name,
        coupon.draw_desc,
        coupon.coupon_start_date,
        coupon.coupon_end_date,
        coupon.coupon_goods_url,
    ];
    let texts: Vec<_> = texts.into_iter().map(|text| text.unwrap().into_inner()).collect();
    assert_eq!(texts, ["1", "午餐", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]);
    assert_eq!(award("08").award_type.unwrap().as_str(), "08");
}

#[test]
fn what_is_no_answer_is_named() {
    let reason = |status, body: &[u8]| {
        let response = HttpResponse::new(status, None, body.into());
        match app().read(&GetBackendToken, &response).unwrap_err() {
            AnswerError::NoAnswer { reason, status: said, length } => {
                assert_eq!((said, length), (status, body.len()));
                reason
            }
            error => panic!("{error}"),
        }
    };
    let sound = given(json!({"backendToken": "ip76w9FgSjaxuN0tajG4Rg==", "expiresIn": 7200}));
    assert_eq!(reason(200, b""), NoAnswer::Empty);
    assert_eq!(reason(200, b"<html></html>"), NoAnswer::Html);
    assert_eq!(reason(405, b"The server has understood the request"), NoAnswer::NotJson);
    assert_eq!(reason(200, b"\xd5\xc5"), NoAnswer::NotText);
    assert_eq!(reason(200, b"{}"), NoAnswer::OtherCall);
    assert_eq!(reason(302, sound.as_bytes()), NoAnswer::Redirect);
    assert_eq!(reason(502, sound.as_bytes()), NoAnswer::Status);
    assert_eq!(reason(200, br#"{"resp":"00","resp":"00"}"#), NoAnswer::Twice);
    for length in 1..sound.len() {
        assert_eq!(reason(200, &sound.as_bytes()[..length]), NoAnswer::CutOff, "{length}");
    }
    // A refusal is one under any status.
    let refused = HttpResponse::new(403, None, br#"{"resp":"a10","msg":"x"}"#.into());
    let answer = app().read(&GetBackendToken, &refused).unwrap();
    assert_eq!(answer.result.unwrap_err().code, Code::BACKEND_TOKEN);
}

#[test]
fn what_has_no_type_is_there_under_its_name() {
    let params = json!({"backendToken": "a", "expiresIn": 7200, "new2030": {"deep": [1.50]}});
    let answer = read(&GetBackendToken, given(params)).unwrap();
    assert_eq!(answer.fields.json("new2030"), Some("{\"deep\":[1.5]}"));
    let refused = read(&GetBackendToken, r#"{"resp":"N69999","msg":"不知道"}"#).unwrap();
    let refusal = refused.result.unwrap_err();
    assert_eq!((refusal.code.as_str(), refusal.effect()), ("N69999", Effect::Unknown));
    assert_eq!(refusal.message.as_ref().map(|text| text.expose().as_str()), Some("不知道"));
    assert_eq!(
        refusal.to_string(),
        "UnionPay does not say what happened: the spec does not list this code, what happened is \
         not known (N69999)"
    );
}
