//! What is believed, and why something is not.

use std::time::Duration;

use data_encoding::BASE64;
use m26_pay::gateway::alipay::notify::{
    Event, Expected, Notification, NotificationError as Error, Reply,
};
use m26_pay::gateway::alipay::{SellerId, TradeStatus};
use m26_pay::gateway::{Charset, PublicKey};
use m26_pay::unix_time::UnixMillis;
use support::keys::Pair;

use super::{FORM, Fields, merchant};
use crate::orders;

#[test]
fn what_alipays_key_signed_is_believed_and_what_was_changed_is_not() {
    let key = PublicKey::read(KEY.as_bytes()).unwrap();
    let read = |body: &str| Notification::read(Some(FORM), body.as_bytes(), Charset::Utf8, &key);
    let sound = read(SOUND).unwrap();
    let order = Expected::default().order(orders::number("HO-N1"), "10.25".parse().unwrap());
    assert_eq!(sound.event(&order), Ok(Event::Paid { finished: false }));
    assert_eq!(sound.sent(), Some(UnixMillis(1_795_957_206_000)));
    assert_eq!(sound.text("fund_bill_list").unwrap(), BILLS);
    assert_eq!(read(&SOUND.replace("TRADE_SUCCESS", "TRADE_FINISHED")), Err(Error::WrongSignature));
    assert_eq!(read(TAMPERED), Err(Error::WrongSignature));
}

#[test]
fn sign_type_may_be_signed_or_not() {
    let without = Fields::paid();
    assert_eq!(without.event(), Event::Paid { finished: false });
    let with = Fields::paid().with("sign_type", "RSA2");
    let sign = BASE64.encode(&Pair::alipay().sign(&with.text()));
    let body = with.with("sign", sign).form();
    assert!(merchant().notification(Some(FORM), &body).is_ok());
    // Without any sign_type there is one text.
    let none = Fields::paid();
    let sign = BASE64.encode(&Pair::alipay().sign(&none.text()));
    assert!(merchant().notification(None, &none.with("sign", sign).form()).is_ok());
}

#[test]
fn an_empty_field_may_be_signed_or_not() {
    let left_out = Fields::paid().read().map(|_| ());
    assert_eq!(left_out, Ok(()));
    let empty = Fields::paid().with("body", "");
    let sign = BASE64.encode(&Pair::alipay().sign(&Fields::paid().text()));
    let body = empty.clone().with("sign", sign).form();
    let read = merchant().notification(Some(FORM), &body).unwrap();
    assert_eq!(read.text("body"), None);
    assert!(empty.read().is_ok());
}

#[test]
fn each_value_is_decoded_once() {
    for text in ["50%25", "a+b", "100% c", "%", "a%2Bb", "&lt;", "\\\"", "=", "a&b=c"] {
        let read = Fields::paid().with("subject", text).read().unwrap();
        assert_eq!(read.text("subject").unwrap(), text);
    }
}

#[test]
fn what_no_key_or_another_key_signed_is_refused() {
    let unsigned = Fields::paid().form();
    assert_eq!(merchant().notification(Some(FORM), &unsigned), Err(Error::Unsigned));
    for sign in ["", "no base64!"] {
        let body = Fields::paid().with("sign", sign).form();
        assert!(merchant().notification(Some(FORM), &body).is_err());
    }
    for pair in [Pair::app(), Pair::other()] {
        let sign = BASE64.encode(&pair.sign(&Fields::paid().text()));
        let body = Fields::paid().with("sign_type", "RSA2").with("sign", sign.clone()).form();
        assert_eq!(merchant().notification(Some(FORM), &body), Err(Error::WrongSignature));
        let old = Fields::paid().with("sign_type", "RSA").with("sign", sign).form();
        let error = merchant().notification(Some(FORM), &old).unwrap_err();
        assert!(error.to_string().contains("signed by RSA,"), "{error}");
    }
}

#[test]
fn a_field_twice_a_strange_name_and_another_form_are_refused() {
    let mut twice = Fields::paid().body();
    twice.extend(b"&total_amount=10.25");
    assert_eq!(merchant().notification(Some(FORM), &twice), Err(Error::Twice));
    let body = Fields::paid().body();
    let json = merchant().notification(Some("application/json"), &body);
    assert_eq!(json, Err(Error::ContentType));
    let strange = Fields::paid().with("a%3Db", "c").body();
    assert_eq!(merchant().notification(Some(FORM), &strange), Err(Error::Name));
}

#[test]
fn much_is_refused_before_it_is_read() {
    let huge = vec![b'a'; 10 << 20];
    let (length, limit) = (huge.len(), Notification::MAX_LENGTH);
    let refused = merchant().notification(Some(FORM), &huge);
    assert_eq!(refused, Err(Error::TooLarge { length, limit }));
    let many: String = (0..=Notification::MAX_FIELDS).map(|n| format!("f{n}=&")).collect();
    let refused = merchant().notification(Some(FORM), many.as_bytes());
    assert_eq!(refused, Err(Error::TooMany { limit: Notification::MAX_FIELDS }));
    let long = Fields::paid().with("body", "b".repeat(60_000)).read();
    assert!(long.is_ok());
}

/// The signed text does not say where a value ends. Who could choose a subject with `&` and `=` in it
/// would pay 0.01 yuan for a trade of 10.25.
#[test]
fn a_text_that_can_be_cut_up_in_two_ways_is_refused() {
    let chosen = "x&total_amount=10.25&total_amount_=y";
    let cheap = Fields::paid().with("total_amount", "0.01").with("subject", chosen);
    let sign = BASE64.encode(&Pair::alipay().sign(&cheap.text()));
    let forged = Fields::paid().with("subject", "x").with("total_amount_", "y&total_amount=0.01");
    assert_eq!(forged.text(), cheap.text(), "the signature holds for both");
    let forged = forged.with("sign", sign.clone()).form();
    let ambiguous = Err(Error::Ambiguous { field: "total_amount" });
    assert_eq!(merchant().notification(Some(FORM), &forged), ambiguous);
    assert_eq!(merchant().notification(Some(FORM), &cheap.with("sign", sign).form()), ambiguous);
}

#[test]
fn what_differs_is_named_and_not_shown() {
    let differs = |field| Error::Differs { field };
    assert_eq!(Fields::paid().with("app_id", "2026000000000002").read(), Err(differs("app_id")));
    assert_eq!(Fields::paid().without("app_id").read(), Err(differs("app_id")));
    let seller = SellerId::new("2088000000000002").unwrap();
    let other = merchant().seller_id(seller).notification(Some(FORM), &Fields::paid().body());
    assert_eq!(other, Err(differs("seller_id")));
    let read = Fields::paid().read().unwrap();
    let amount = "10.25".parse().unwrap();
    let number = Expected::default().order(orders::number("A1_1"), amount);
    assert_eq!(read.event(&number), Err(differs("out_trade_no")));
    let amount = Expected::default().order(orders::number("A1_0"), "10.26".parse().unwrap());
    assert_eq!(read.event(&amount), Err(differs("total_amount")));
    // An amount that is not told agrees with none.
    let untold = Fields::paid().without("total_amount").read().unwrap();
    assert_eq!(untold.event(&amount), Err(differs("total_amount")));
    assert_eq!(untold.event(&Expected::default()), Ok(Event::Paid { finished: false }));
}

#[test]
fn an_old_one_is_refused_only_where_that_is_asked_for() {
    let read = Fields::paid().read().unwrap();
    let sent = read.sent().unwrap();
    let hour = Duration::from_secs(3600);
    let expected = |now| Expected::default().max_age(now, hour);
    assert!(read.event(&expected(sent.plus(hour))).is_ok());
    let later = sent.plus(hour).plus(Duration::from_millis(1));
    assert_eq!(read.event(&expected(later)), Err(Error::Old));
    let timeless = Fields::paid().without("notify_time").read().unwrap();
    let (field, wanted) = ("notify_time", "a time");
    assert_eq!(timeless.event(&expected(sent)), Err(Error::Field { field, expected: wanted }));
    assert!(timeless.event(&Expected::default()).is_ok());
}

#[test]
fn every_state_is_an_event() {
    let of = |status| Fields::paid().with("trade_status", status);
    let refund = |status, fee| {
        of(status).with("refund_fee", fee).with("out_biz_no", "R1").with("gmt_refund", "now")
    };
    assert_eq!(of("TRADE_SUCCESS").event(), Event::Paid { finished: false });
    assert_eq!(of("TRADE_FINISHED").event(), Event::Paid { finished: true });
    assert_eq!(of("TRADE_CLOSED").event(), Event::Closed);
    assert_eq!(of("WAIT_BUYER_PAY").event(), Event::Waiting);
    assert_eq!(of("TRADE_PENDING").event(), Event::Other);
    // Nothing was given back by a refund of nothing.
    assert_eq!(refund("TRADE_SUCCESS", "0.00").event(), Event::Paid { finished: false });
    let part = |event| match event {
        Event::PartlyRefunded(refund) => (refund.fee.to_string(), refund.out_request_no),
        other => panic!("{other:?}"),
    };
    let (fee, number) = part(refund("TRADE_SUCCESS", "4.00").event());
    assert_eq!((&*fee, number.unwrap().as_str()), ("4.00", "R1"));
    part(refund("TRADE_FINISHED", "4.00").event());
    for (status, fee) in [("TRADE_CLOSED", "10.25"), ("TRADE_SUCCESS", "10.25")] {
        assert!(matches!(refund(status, fee).event(), Event::Refunded(_)), "{status}");
    }
    assert_eq!(refund("WAIT_BUYER_PAY", "4.00").event(), Event::Other);
    let strange = refund("TRADE_SUCCESS", "4.00").with("out_biz_no", "not / ours").event();
    assert_eq!(part(strange).1, None);
    let unknown = of("TRADE_PENDING").read().unwrap();
    let status = &unknown.trade().unwrap().status;
    assert!(matches!(status, TradeStatus::Other(word) if word.as_str() == "TRADE_PENDING"));
}

#[test]
fn what_is_about_no_trade_is_kept() {
    let signed = Fields::paid().with("notify_type", "dut_user_sign").without("out_trade_no");
    let read = signed.read().unwrap();
    assert_eq!((read.trade(), read.event(&Expected::default())), (None, Ok(Event::Other)));
    assert_eq!(read.text("notify_type").unwrap(), "dut_user_sign");
    assert!(read.names().any(|name| name == "buyer_logon_id"));
    // Where it is about a trade, it has to say which.
    for (field, expected) in [("out_trade_no", "there"), ("trade_no", "there")] {
        let read = Fields::paid().without(field).read();
        assert_eq!(read, Err(Error::Field { field, expected }));
    }
    for (field, expected) in [
        ("out_trade_no", "valid"),
        ("total_amount", "an amount of yuan"),
        ("refund_fee", "an amount of yuan"),
    ] {
        let read = Fields::paid().with(field, "1 2").read();
        assert_eq!(read, Err(Error::Field { field, expected }));
    }
}

#[test]
fn nothing_of_a_buyer_shows() {
    let read = Fields::paid().read().unwrap();
    let shown = format!("{read:?} {:?}", read.event(&Expected::default()));
    assert!(shown.contains("buyer_logon_id"), "{shown}");
    assert!(!shown.contains("2811223344"), "{shown}");
    let sign = "281122334455667788".repeat(3);
    let unknown = Fields::paid().with("sign_type", &sign).with("sign", "AAAA").form();
    let error = merchant().notification(Some(FORM), &unknown).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("2811223344"), "{error}");
}

#[test]
fn the_reply_is_a_value() {
    assert_eq!((Reply::Success.body(), Reply::Fail.body()), ("success", "fail"));
}

const BILLS: &str = r#"[{"amount":"10.25","fundChannel":"ALIPAYACCOUNT"}]"#;

/// The public half of a key that was thrown away.
const KEY: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA0kaZKTRlOIRmQdYFPoxPQD0J8mHcUQ6fTedBa+eUbvqCEu\
     yIAmqLdnRfSGI/UCcum2tXBI4C1dXNSjtzdjHCgZZMvRKhmtKCoa9wF0eLWXYL5NYNLn82gNJoqaLLb0OaYA22QMo0\
     cOVUFV0vC0UYUznZBptW+RdzX2QKJo0GCmxO90qnUPclo4azDLveiDQvIs1iOkJ9PFP9Hnmx0YOZ71kTcnzmNZVuIz\
     7ho+e/2NTdZRFCAQ0GfQksHz7exP+sW5x9aRIDWXnBToDqUVxZ3M018evbNB298nD/6KqcyWcebeJbwRXeC9McS0nj\
     1f/EvaIhRD+H0fPeVBNUkRn6+QIDAQAB";

const SOUND: &str = "app_id=2026000000000001&charset=utf-8&notify_id=2026112900222210500000000000000001&notify_\
     time=2026-11-29+21%3A00%3A06&notify_type=trade_status_sync&out_trade_no=HO-N1&seller_id=20\
     88000000000001&sign_type=RSA2&subject=dev&total_amount=10.25&receipt_amount=10.25&buyer_pa\
     y_amount=10.25&trade_no=2026112922001400010001&trade_status=TRADE_SUCCESS&version=1.0&fund\
     _bill_list=%5B%7B%22amount%22%3A%2210.25%22%2C%22fundChannel%22%3A%22ALIPAYACCOUNT%22%7D%5\
     D&gmt_create=2026-11-29+20%3A59%3A58&gmt_payment=2026-11-29+21%3A00%3A05&sign=LIiOyzWkfO9V\
     %2BiC5N3LINogUCjf2iIY6u4iuqrYwLBOv5o5lq3WWs0piNM6FDlBrpB7KCf84Hs28xYpXyG%2B8IN7fdNQgnykywi\
     pkbH%2Fb98Ef1dHP4WYAsL0SpMdYKQ%2FStO6wSmPPYAGtvL7va6tFbY%2FS%2BTnF%2Fzs4ExRdlUjQym3i8YhAOe\
     P3EgEacMLVkI4D6qlduJ92Jwe1dYEQrYdI9onTIM0c%2B20SGDGCOjCbLhKGSuPSoOfleyb1WM6qXREDxZ0rlQXPRe\
     tyQX7LJItqREgXA5Q0lRmUCa56RNd757oGaNLtsgG4QQX%2FFMI5xe0ufhPt8c%2Bz6NCcWvl8cPMPlA%3D%3D";

/// It was signed with TRADE_SUCCESS.
const TAMPERED: &str = "app_id=2026000000000001&charset=utf-8&notify_id=2026112900222210500000000000000001&notify_\
     time=2026-11-29+21%3A00%3A06&notify_type=trade_status_sync&out_trade_no=HO-N1&seller_id=20\
     88000000000001&sign_type=RSA2&subject=%E6%B5%8B%E8%AF%95&total_amount=10.25&receipt_amount\
     =10.25&buyer_pay_amount=10.25&trade_no=2026112922001400010001&trade_status=TRADE_FINISHED&\
     version=1.0&fund_bill_list=%5B%7B%22amount%22%3A%2210.25%22%2C%22fundChannel%22%3A%22ALIPA\
     YACCOUNT%22%7D%5D&gmt_create=2026-11-29+20%3A59%3A58&gmt_payment=2026-11-29+21%3A00%3A05&s\
     ign=Fe6CngCCZB1vS0XNNFeqHwLjJTk79RpdDuiBWizayRPGwtJHVgmhYTsDL5YwRIcCdToE4WzOe2rJhXJriXvm23\
     dLfY3mCdw8inGeP82DjGbbn0Ono9n2OEA6W7%2BAo0sZTwemjavZmZEM4NyI7l0%2BgwFY7CiYDJ8DJ%2B3fr34jqn\
     2pF4H%2FN54Bzr%2F%2Fcvro%2F%2FRnSZHKh%2B6djUQYYi91hs5iERRfVbG7g9ieidVIuswC89Wgce2IEb99t5QE\
     gKV%2Fu%2FmkTHfojnYbw8qW%2FeXdDzhOYZIGqYXqNVhfq%2BDUwmIFNEeMKvSAMJOxBYnIqCAKiiLR83nw19E0Uz\
     %2BfIuisbqnq2w%3D%3D";
