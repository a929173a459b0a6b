//! Merchants that ask in GBK, and are told in GBK: by the simulated gateway, which was written apart.

use std::time::Duration;

use encoding_rs::GBK;
use m26_pay::gateway::alipay::notify::{Event, Expected, Notification};
use m26_pay::gateway::alipay::{
    AuthCode, Merchant, OutRequestNo, Pay, PayAnswer, Query, Refund, Sale, Subject,
};
use m26_pay::gateway::{Charset, HttpRequest, HttpResponse};
use m26_pay::sim::gateway::alipay::{AlipaySettings, Gateway, NoticeStyle};
use m26_pay::sim::gateway::http::{Outgoing, Polled, RawRequest, Service as _};
use m26_pay::sim::gateway::{Signing, SigningKey, VerifyingKey};
use m26_pay::unix_time::UnixMillis;
use support::keys::Pair;

use super::{Fields, merchant};
use crate::orders;

const AT: UnixMillis = UnixMillis(1_795_957_200_000);

fn gateway() -> Gateway {
    let alipay = SigningKey::read(&Pair::alipay().private_pkcs8()).unwrap();
    let app = VerifyingKey::read(&Pair::app().public_spki()).unwrap();
    let signing = Signing::Rsa2 { gateway: Box::new(alipay), app };
    Gateway::new(AlipaySettings::default(), signing, 0)
}

fn send(gateway: &mut Gateway, request: &HttpRequest) -> HttpResponse {
    let raw = RawRequest {
        post: true,
        path: "/gateway.do",
        query: request.url().split_once('?').unwrap().1.as_bytes(),
        content_type: Some(request.content_type()),
        body: request.body(),
    };
    let visit = gateway.receive(orders::epoch(), &raw);
    match gateway.poll(orders::epoch(), visit) {
        Polled::Done(Outgoing::Whole(answer)) => {
            HttpResponse::new(answer.status, Some(answer.content_type.to_owned()), answer.body)
        }
        other => panic!("{other:?}"),
    }
}

fn pay(subject: &str) -> Pay {
    let subject = Subject::new(subject).unwrap();
    let amount = "10.25".parse().unwrap();
    let sale = Sale::of(orders::number("A1_0"), amount, subject).build().unwrap();
    Pay::bar_code(sale, AuthCode::new("284612345678901234").unwrap())
}

/// A paid order at a gateway that was asked in GBK.
fn paid(merchant: &Merchant) -> Gateway {
    let mut gateway = gateway();
    let pay = pay("午餐 100%");
    let request = merchant.request(&pay, AT).unwrap();
    assert!(request.url().contains("charset=GBK"), "{}", request.url());
    assert_eq!(request.content_type(), "application/x-www-form-urlencoded;charset=GBK");
    let response = send(&mut gateway, &request);
    assert_eq!(response.content_type(), Some("text/html;charset=GBK"));
    let answer = merchant.read(&pay, &response).unwrap();
    assert!(matches!(answer.result, Ok(PayAnswer::Paid(_))));
    gateway
}

#[test]
fn requests_and_answers_are_gbk() {
    let merchant = merchant().charset(Charset::Gbk);
    let mut gateway = paid(&merchant);
    // A refusal has a text of Alipay's in it, which has to verify in GBK too.
    let query = Query::new(orders::number("A2_0"));
    let response = send(&mut gateway, &merchant.request(&query, AT).unwrap());
    assert!(std::str::from_utf8(response.body()).is_err(), "there is a character in GBK");
    let refusal = merchant.read(&query, &response).unwrap().result.unwrap_err();
    assert_eq!(refusal.sub_code.unwrap().as_str(), "ACQ.TRADE_NOT_EXIST");
    // What GBK does not have is refused before anything leaves.
    let error = merchant.request(&pay("🍜"), AT).unwrap_err();
    assert!(error.to_string().contains("U+1F35C"), "{error}");
}

#[test]
fn notifications_are_in_the_charset_that_they_name() {
    let gbk = merchant().charset(Charset::Gbk);
    let mut gateway = paid(&gbk);
    let order = Expected::default().order(orders::number("A1_0"), "10.25".parse().unwrap());
    for charset in [true, false] {
        for signs_sign_type in [true, false] {
            let subject = "午餐 100% a+b";
            let style = NoticeStyle {
                gbk: charset,
                signs_sign_type,
                subject: subject.into(),
                ..NoticeStyle::default()
            };
            let notice = gateway.notice(orders::epoch(), "A1_0", &style).unwrap();
            // Whatever the merchant asks in, and whatever the header says.
            for merchant in [merchant(), gbk.clone()] {
                for header in [None, Some(notice.content_type), Some(super::FORM)] {
                    let read = merchant.notification(header, &notice.body).unwrap();
                    assert_eq!(read.text("subject").unwrap(), subject);
                    assert_eq!(read.event(&order), Ok(Event::Paid { finished: false }));
                }
            }
        }
    }
}

#[test]
fn where_a_notification_names_none_the_header_does_and_then_the_merchant() {
    let subject = GBK.encode("测试").0.into_owned();
    let nameless = || Fields::paid().without("charset").with("subject", &subject).body();
    let read = |header, otherwise| {
        Notification::read(header, &nameless(), otherwise, &Pair::alipay().public_key()).unwrap()
    };
    let header = Some("application/x-www-form-urlencoded;charset=GB18030");
    assert_eq!(read(header, Charset::Utf8).text("subject").unwrap(), "测试");
    assert_eq!(read(None, Charset::Gbk).text("subject").unwrap(), "测试");
    // It is verified all the same: only its texts cannot be read.
    let utf_8 = read(None, Charset::Utf8);
    assert_eq!(utf_8.text("subject"), None);
    assert_eq!(utf_8.event(&Expected::default()), Ok(Event::Paid { finished: false }));
    let unknown = Fields::paid().with("charset", "Big5").read().unwrap_err();
    assert_eq!(unknown.to_string(), "charset of the notification is not UTF-8 or GBK");
}

#[test]
fn the_simulated_gateway_tells_of_refunds() {
    let merchant = merchant().charset(Charset::Gbk);
    let mut gateway = paid(&merchant);
    let mut refund = |number: &str, amount: &str| {
        let number = OutRequestNo::new(number).unwrap();
        let amount = amount.parse().unwrap();
        let refund = Refund::of(orders::number("A1_0"), number, amount).build().unwrap();
        let response = send(&mut gateway, &merchant.request(&refund, AT).unwrap());
        merchant.read(&refund, &response).unwrap().result.unwrap();
        let later = orders::epoch() + Duration::from_secs(60);
        let notice = gateway.notice(later, "A1_0", &NoticeStyle::default()).unwrap();
        let read = merchant.notification(Some(notice.content_type), &notice.body).unwrap();
        read.event(&Expected::default()).unwrap()
    };
    match refund("R1", "4.00") {
        Event::PartlyRefunded(part) => assert_eq!(part.fee.to_string(), "4.00"),
        other => panic!("{other:?}"),
    }
    match refund("R2", "6.25") {
        Event::Refunded(all) => {
            assert_eq!(all.fee.to_string(), "10.25");
            assert_eq!(all.out_request_no.unwrap().as_str(), "R2");
        }
        other => panic!("{other:?}"),
    }
    assert!(gateway.notice(orders::epoch(), "A9", &NoticeStyle::default()).is_none());
}
