use data_encoding::BASE64;
use m26_pay::gateway::alipay::{
    Answer, AnswerError, AppId, Call, Cancel, CancelAction, Cancelled, Code, Effect, FundChange,
    GatewayUrl, Merchant, NoAnswer, OutRequestNo, PayAnswer, Query, Refund, RefundQuery, SubCode,
    Trade, TradeNo, TradeStatus,
};
use m26_pay::gateway::{HttpResponse, PublicKey};
use m26_pay::unix_time::UnixMillis;
use support::keys::Pair;

use super::{merchant, number, pay, query, response, signed};

const SOUND: &str = r#"{"code":"10000","msg":"Success","out_trade_no":"DV-R1","trade_no":"2026112922001400010001","trade_status":"TRADE_SUCCESS","total_amount":"10.25"}"#;

const QUERY: &str = "alipay_trade_query_response";

fn read(body: impl Into<Vec<u8>>) -> Result<Answer<Trade>, AnswerError> {
    merchant().read(&query(), &response(body))
}

fn reason(body: impl Into<Vec<u8>>) -> NoAnswer {
    match read(body).unwrap_err() {
        AnswerError::NoAnswer { reason, status: 200, .. } => reason,
        error => panic!("{error}"),
    }
}

/// The answer to a call with this node, signed.
fn answer<C: Call>(call: &C, node: &str) -> Result<Answer<C::Answer>, AnswerError> {
    let name = C::METHOD.replace('.', "_") + "_response";
    merchant().read(call, &response(signed(&name, node)))
}

/// vectors/gateway.json, `dev-sound` and `dev-tampered`, with the key `gw2048`.
#[test]
fn the_vectors_answers() {
    let sign = "acw4vrtFirDNFyPbGoRzJjjATJy0ZPbia88nMLXmxBpDEYFsOG6v/CjwMfg1EkW8B0FHTN2M7PQ3us2s5pl9nrdW5088g7LIIkitpmRw56uoC0jQCtLFD47blvmAhiZ3Em8srGqecPpApMV7vCYaIFgImuGQn6xlOZo5DrNAx45ZJVHN7ERoUoLAt3uLw1+9EJd8v81/+CYSV7R/Wr8470nm9tx5BIJMcMLHTOqVVHnnI6tn/uA202Cn/qYLkGdRVh9uIgPkLrVOVAhwGqj5LxjsWFr9k23z4hu3herk3cp9KsNvYLuF9Mc9TpkdxA9wL+mLwCpsGJ55ad2GFHFvHg==";
    let app_id = AppId::new("2026000000000001").unwrap();
    let key = PublicKey::read(GATEWAY_KEY.as_bytes()).unwrap();
    let merchant =
        Merchant::new(GatewayUrl::live(), app_id, Pair::app().private_key(), key).unwrap();
    let node = |status: &str| {
        format!(
            r#"{{"alipay_trade_query_response":{{"code":"10000","msg":"Success","out_trade_no":"DV-R1","trade_status":"{status}","total_amount":"10.25"}},"sign":"{sign}"}}"#
        )
    };
    // It verifies; that it has no trade_no is against the documentation, and proves nothing.
    let error = merchant.read(&query(), &response(node("TRADE_SUCCESS"))).unwrap_err();
    assert!(matches!(error, AnswerError::Field(field) if field.field == "trade_no"), "{error}");
    let error = merchant.read(&query(), &response(node("TRADE_FINISHED"))).unwrap_err();
    assert_eq!(error, AnswerError::WrongSignature);
}

#[test]
fn a_sound_answer() {
    let answer = read(signed(QUERY, SOUND)).unwrap();
    assert_eq!((answer.code, answer.effect()), (Code::SUCCESS, Effect::Done));
    let trade = answer.result.unwrap();
    assert_eq!(trade.status, TradeStatus::TradeSuccess);
    assert_eq!(trade.total_amount, Some("10.25".parse().unwrap()));
    assert_eq!(trade.trade_no.as_str(), "2026112922001400010001");
    assert_eq!(answer.fields.text("msg").as_deref(), Some("Success"));
}

#[test]
fn the_signed_node_is_cut_exactly() {
    let sign = |text: &str| BASE64.encode(&Pair::alipay().sign(text.as_bytes()));
    for inner in [
        r#""n":"}{\"sign\":","#,
        r#""n":"\\\\\"}","#,
        "\n  \"n\" : { \"a\" : [ 1 , {} ] } ,\t",
        r#""alipay_cert_sn":"x","sign":"y","alipay_trade_query_response":{},"#,
    ] {
        let node = SOUND.replacen('{', &format!("{{{inner}"), 1);
        let sign = sign(&node);
        for body in [
            format!(r#"{{"{QUERY}":{node},"sign":"{sign}"}}"#),
            format!("\n{{ \"sign\" : \"{sign}\" ,\r\n \"{QUERY}\" :\t{node} }}\n"),
            format!(r#"{{"alipay_cert_sn":"5d8e7d","{QUERY}":{node},"sign":"{sign}","x":{{}}}}"#),
        ] {
            read(body.clone()).unwrap_or_else(|error| panic!("{error}: {body}"));
        }
    }
}

#[test]
fn slashes_that_were_escaped_after_signing() {
    let plain = SOUND.replacen('{', r#"{"u":"http://x/y","#, 1);
    let escaped = plain.replace('/', "\\/");
    let sign = |text: &str| BASE64.encode(&Pair::alipay().sign(text.as_bytes()));
    let body = |node: &str, sign: &str| format!(r#"{{"{QUERY}":{node},"sign":"{sign}"}}"#);
    for (sent, signed) in [(&escaped, &plain), (&escaped, &escaped), (&plain, &plain)] {
        let answer = read(body(sent, &sign(signed))).unwrap();
        assert_eq!(answer.fields.text("u").as_deref(), Some("http://x/y"));
    }
    assert_eq!(read(body(&plain, &sign(&escaped))), Err(AnswerError::WrongSignature));
}

#[test]
fn what_does_not_verify_is_no_answer() {
    let body = signed(QUERY, SOUND);
    for (from, to) in [("10.25", "10.26"), ("DV-R1", "DV-R2"), ("\"Success\"", " \"Success\"")] {
        assert_eq!(read(body.replace(from, to)), Err(AnswerError::WrongSignature), "{to}");
    }
    let other = BASE64.encode(&Pair::other().sign(SOUND.as_bytes()));
    // The application's own key signs no answers, whoever has it.
    let own = BASE64.encode(&Pair::app().sign(SOUND.as_bytes()));
    for sign in [&other, &own, "AAAA", "no base64"] {
        let body = format!(r#"{{"{QUERY}":{SOUND},"sign":"{sign}"}}"#);
        assert_eq!(read(body), Err(AnswerError::WrongSignature));
    }
}

#[test]
fn a_success_without_signature_is_worth_nothing() {
    for sign in ["", r#","sign":"""#, r#","sign":null"#] {
        let body = format!(r#"{{"{QUERY}":{SOUND}{sign}}}"#);
        assert_eq!(read(body), Err(AnswerError::Unsigned));
    }
    let waiting = r#"{"alipay_trade_pay_response":{"code":"10003","out_trade_no":"DV-001"}}"#;
    assert_eq!(merchant().read(&pay(), &response(waiting)), Err(AnswerError::Unsigned));
    assert_eq!(reason(format!(r#"{{"{QUERY}":{SOUND},"sign":7}}"#)), NoAnswer::NotJson);
}

#[test]
fn an_unsigned_refusal_keeps_its_reason() {
    let node = r#"{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.invalid-signature","sub_msg":"auth_code 2846 ..."}"#;
    for name in [QUERY, "error_response"] {
        let error = read(format!(r#"{{"{name}":{node}}}"#)).unwrap_err();
        let AnswerError::Unverified(refusal) = &error else { panic!("{error}") };
        assert_eq!(refusal.code, Code::INVALID);
        assert_eq!(refusal.sub_code.as_ref().unwrap().as_str(), "isv.invalid-signature");
        let text = format!("{error} {error:?}");
        assert!(text.contains("not verified") && !text.contains("2846"), "{text}");
    }
    // What anybody could have written is not repeated.
    let odd = read(r#"{"error_response":{"code":40002,"sub_code":"<b>28461234567890</b>"}}"#);
    assert!(!format!("{odd:?}").contains("2846"));
}

#[test]
fn an_error_response_is_an_answer_and_never_a_success() {
    let answer =
        read(signed("error_response", r#"{"code":"20000","sub_code":"isp.unknow-error"}"#))
            .unwrap();
    assert_eq!(answer.effect(), Effect::Unknown);
    assert_eq!(answer.result.unwrap_err().code, Code::UNAVAILABLE);
    assert_eq!(reason(signed("error_response", SOUND)), NoAnswer::OtherCall);
}

#[test]
fn gbk_by_its_header_over_its_own_bytes() {
    let (text, _, _) = encoding_rs::GBK
        .encode(r#"{"code":"20000","msg":"系统繁忙 誠","sub_code":"isp.unknow-error"}"#);
    let sign = BASE64.encode(&Pair::alipay().sign(&text));
    let body =
        [br#"{"alipay_trade_query_response":"#, &*text, br#","sign":""#, sign.as_bytes(), br#""}"#]
            .concat();
    let of = |content_type: &str| {
        let response = HttpResponse::new(200, Some(content_type.to_owned()), body.clone());
        merchant().read(&query(), &response)
    };
    let answer = of("text/html;charset=GBK").unwrap();
    assert_eq!(answer.fields.text("msg").as_deref(), Some("系统繁忙 誠"));
    assert_eq!(answer.result.unwrap_err().code, Code::UNAVAILABLE);
    assert!(of("text/html; charset=\"gb18030\"").is_ok());
    let no_answer = |content_type| match of(content_type).unwrap_err() {
        AnswerError::NoAnswer { reason, .. } => reason,
        error => panic!("{error}"),
    };
    assert_eq!(no_answer("text/html;charset=utf-8"), NoAnswer::NotText);
    assert_eq!(no_answer("text/html"), NoAnswer::NotText);
    assert_eq!(no_answer("text/html;charset=Big5"), NoAnswer::Charset);
}

#[test]
fn what_is_no_answer_is_named() {
    let sound = signed(QUERY, SOUND);
    assert_eq!(reason(""), NoAnswer::Empty);
    assert_eq!(reason(" \r\n"), NoAnswer::Empty);
    assert_eq!(reason("<html>502 Bad Gateway</html>"), NoAnswer::Html);
    assert_eq!(reason("OK"), NoAnswer::NotJson);
    assert_eq!(reason("[]"), NoAnswer::NotJson);
    assert_eq!(reason("{}"), NoAnswer::OtherCall);
    assert_eq!(reason(signed("alipay_trade_pay_response", SOUND)), NoAnswer::OtherCall);
    assert_eq!(reason(format!("{sound}{sound}")), NoAnswer::NotJson);
    for length in 1..sound.len() {
        assert_eq!(reason(&sound.as_bytes()[..length]), NoAnswer::CutOff, "{length}");
    }
    let redirect = HttpResponse::new(302, None, sound.into_bytes());
    let error = merchant().read(&query(), &redirect).unwrap_err();
    assert!(matches!(error, AnswerError::NoAnswer { reason: NoAnswer::Redirect, status: 302, .. }));
    let page = HttpResponse::new(502, None, b"<h1>buyer</h1>".to_vec());
    let error = merchant().read(&query(), &page).unwrap_err().to_string();
    assert!(error.contains("status 502") && !error.contains("buyer"), "{error}");
}

/// A gateway's failure has a body: what verifies is an answer, whatever its status is.
#[test]
fn the_status_proves_nothing() {
    let body = signed(QUERY, SOUND).into_bytes();
    assert!(merchant().read(&query(), &HttpResponse::new(500, None, body)).is_ok());
}

#[test]
fn said_twice_is_not_said() {
    let sound = signed(QUERY, SOUND);
    let twice = |extra: &str| sound.replacen('{', &format!("{{{extra},"), 1);
    let node = SOUND.replace("SUCCESS", "CLOSED");
    assert_eq!(reason(twice(&format!(r#""{QUERY}":{node}"#))), NoAnswer::Twice);
    assert_eq!(reason(twice(r#""sign":"AAAA""#)), NoAnswer::Twice);
    assert_eq!(reason(twice(r#""\u0073ign":"AAAA""#)), NoAnswer::Twice);
    assert_eq!(reason(twice(r#""error_response":{}"#)), NoAnswer::Twice);
    for inner in [r#""trade_status":"TRADE_CLOSED","#, r#""trade_st\u0061tus":"TRADE_CLOSED","#] {
        let node = SOUND.replacen('{', &format!("{{{inner}"), 1);
        assert!(matches!(read(signed(QUERY, &node)), Err(AnswerError::Field(_))));
    }
}

#[test]
fn another_order_is_another() {
    let error = answer(&Query::new(number("DV-R9")), SOUND).unwrap_err();
    assert_eq!(error, AnswerError::AnotherTrade { field: "out_trade_no" });
    let by = |trade_no: &str| Query::new(TradeNo::new(trade_no).unwrap());
    assert!(answer(&by("2026112922001400010001"), SOUND).is_ok());
    let error = answer(&by("2026112922001400010002"), SOUND).unwrap_err();
    assert_eq!(error, AnswerError::AnotherTrade { field: "trade_no" });
    let refused = r#"{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST","out_trade_no":"DV-R2"}"#;
    assert!(matches!(read(signed(QUERY, refused)), Err(AnswerError::AnotherTrade { .. })));
}

#[test]
fn pay_is_paid_or_waits_or_is_refused() {
    let paid = r#"{"code":"10000","trade_no":"2026","out_trade_no":"DV-001","total_amount":88.88,"receipt_amount":"88.80","gmt_payment":"2026-11-29 21:00:05","buyer_logon_id":"sam***Example.com"}"#;
    let answer_of = |node: &str| answer(&pay(), node).unwrap();
    let all = answer_of(paid);
    assert!(!format!("{all:?}").contains("sam*"), "no buyer shows");
    assert_eq!(all.effect(), Effect::Done);
    let PayAnswer::Paid(paid) = all.result.unwrap() else { panic!() };
    assert_eq!(paid.total_amount.fen(), 8888);
    assert_eq!(paid.receipt_amount.unwrap().fen(), 8880);
    assert_eq!(paid.paid_at, Some(UnixMillis(1_795_957_205_000)));
    let waiting = answer_of(
        r#"{"code":"10003","msg":"order success pay inprocess","trade_no":"2026","out_trade_no":"DV-001"}"#,
    );
    assert_eq!(waiting.effect(), Effect::Wait);
    let refused = answer_of(r#"{"code":"40004","sub_code":"ACQ.BUYER_BALANCE_NOT_ENOUGH"}"#);
    assert_eq!(refused.effect(), Effect::NotDone);
    let unknown = answer_of(r#"{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}"#);
    assert_eq!(unknown.effect(), Effect::Unknown);
    let text = unknown.result.unwrap_err().to_string();
    assert_eq!(
        text,
        "the gateway does not know: Alipay does not know what happened (40004, ACQ.SYSTEM_ERROR)"
    );
    // A success that leaves out what it must say proves nothing, nor does an amount of parts of fen.
    for broken in [
        r#"{"code":"10000","trade_no":"2026","out_trade_no":"DV-001"}"#,
        r#"{"code":"10000","trade_no":"2026","out_trade_no":"DV-001","total_amount":"88.888"}"#,
        r#"{"code":"10000","trade_no":"2026","out_trade_no":"DV-001","total_amount":8.888E1}"#,
        r#"{"code":"10000","out_trade_no":"DV-001","total_amount":"88.88"}"#,
        r#"{"code":"ten thousand"}"#,
        r#"{}"#,
        r#"[]"#,
        r#""text""#,
    ] {
        assert!(matches!(answer(&pay(), broken), Err(AnswerError::Field(_))), "{broken}");
    }
}

/// The signature covers the node and not its name: whoever is in between can give the answer of one
/// call the name of another.
#[test]
fn the_answer_of_another_call_under_this_name_is_no_payment() {
    let of = |rest: &str| {
        let node = format!(
            r#"{{"code":"10000","trade_no":"2026","out_trade_no":"DV-001","total_amount":"88.88"{rest}}}"#
        );
        answer(&pay(), &node)
    };
    assert_eq!(of("").unwrap().effect(), Effect::Done);
    for rest in [
        r#","trade_status":"WAIT_BUYER_PAY""#,
        r#","trade_status":"TRADE_CLOSED""#,
        r#","out_request_no":"R1","refund_status":"REFUND_SUCCESS","refund_amount":"88.88""#,
        r#","refund_amount":"88.88""#,
        r#","action":"close","retry_flag":"N""#,
    ] {
        assert!(matches!(of(rest), Err(AnswerError::Field(_))), "{rest}");
    }
}

#[test]
fn a_waiting_query_is_no_success_of_another_kind() {
    // 10003 belongs to pay alone.
    let answer = answer(&query(), r#"{"code":"10003"}"#).unwrap();
    assert_eq!(answer.effect(), Effect::Unknown);
    assert!(answer.result.is_err());
}

#[test]
fn a_trade_that_is_not_there_proves_nothing() {
    let answer = answer(&query(), r#"{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}"#).unwrap();
    assert_eq!(answer.effect(), Effect::Unknown);
    assert!(answer.result.unwrap_err().is(&SubCode::TRADE_NOT_EXIST));
}

#[test]
fn states_that_nobody_knows_live() {
    let node = SOUND.replace("TRADE_SUCCESS", "TRADE_DREAMT");
    let trade = read(signed(QUERY, &node)).unwrap().result.unwrap();
    assert_eq!(trade.status.as_str(), "TRADE_DREAMT");
    assert!(matches!(trade.status, TradeStatus::Other(_)));
    assert_eq!(trade.status.to_string(), "TRADE_DREAMT");
    // What is no word of Alipay's may be anything.
    let node = SOUND.replace("TRADE_SUCCESS", "284612345678901234");
    let answer = read(signed(QUERY, &node)).unwrap();
    assert!(!format!("{answer:?}").contains("2846"));
}

#[test]
fn only_a_cancel_with_an_action_is_one() {
    let cancel = Cancel::new(number("DV-R1"));
    let of = |rest: &str| -> (Effect, Cancelled) {
        let answer =
            answer(&cancel, &format!(r#"{{"code":"10000","out_trade_no":"DV-R1"{rest}}}"#))
                .unwrap();
        (answer.effect(), answer.result.unwrap())
    };
    let (effect, closed) = of(r#","retry_flag":"N","action":"close","trade_no":"2026""#);
    assert_eq!(
        (effect, closed.action, closed.retry),
        (Effect::Done, Some(CancelAction::Close), false)
    );
    let (effect, refunded) = of(r#","action":"refund""#);
    assert_eq!((effect, refunded.action), (Effect::Done, Some(CancelAction::Refund)));
    let (effect, nothing) = of(r#","retry_flag":"Y""#);
    assert_eq!((effect, nothing.action, nothing.retry), (Effect::Unknown, None, true));
    assert_eq!(of(r#","action":"""#).0, Effect::Unknown);
    assert_eq!(of(r#","action":"vanish""#).0, Effect::Unknown);
}

#[test]
fn a_refund_that_changed_nothing_is_asked_about() {
    let request_no = || OutRequestNo::new("R1").unwrap();
    let refund = Refund::of(number("DV-R1"), request_no(), "1".parse().unwrap()).build().unwrap();
    let of = |rest: &str| answer(&refund, &format!(r#"{{"code":"10000"{rest}}}"#)).unwrap();
    let again = of(r#","fund_change":"N","refund_fee":"1.00""#);
    assert_eq!(again.effect(), Effect::Unknown);
    assert_eq!(again.result.unwrap().fund_change, FundChange::No);
    assert_eq!(of(r#","fund_change":"Y""#).effect(), Effect::Done);
    assert_eq!(of("").effect(), Effect::Unknown);

    let ask = RefundQuery::new(number("DV-R1"), request_no());
    let of = |rest: &str| answer(&ask, &format!(r#"{{"code":"10000"{rest}}}"#));
    let done =
        of(r#","out_request_no":"R1","refund_status":"REFUND_SUCCESS","refund_amount":"1.00""#);
    assert_eq!(done.unwrap().effect(), Effect::Done);
    assert_eq!(of("").unwrap().effect(), Effect::Unknown);
    assert!(of(r#","out_request_no":"R2","refund_status":"REFUND_SUCCESS""#).is_err());
}

const GATEWAY_KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0kaZKTRlOIRmQdYFPoxPQD0J8mHcUQ6fTedBa+eUbvqCEuyIAmqLdnRfSGI/UCcum2tXBI4C1dXNSjtzdjHCgZZMvRKhmtKCoa9wF0eLWXYL5NYNLn82gNJoqaLLb0OaYA22QMo0cOVUFV0vC0UYUznZBptW+RdzX2QKJo0GCmxO90qnUPclo4azDLveiDQvIs1iOkJ9PFP9Hnmx0YOZ71kTcnzmNZVuIz7ho+e/2NTdZRFCAQ0GfQksHz7exP+sW5x9aRIDWXnBToDqUVxZ3M018evbNB298nD/6KqcyWcebeJbwRXeC9McS0nj1f/EvaIhRD+H0fPeVBNUkRn6+QIDAQAB";
