//! Notifications: what is believed, and what UnionPay is answered.

use data_encoding::BASE64;
use m26_pay::gateway::unionpay::notify::{
    Arrival, AuthorisationRemoved, ContractReleased, Notice, NoticeError, PasswordVerified, Reply,
};
use m26_pay::gateway::unionpay::{App, AppId, AppSecret, BaseUrl};
use m26_pay::gateway::{Signer as _, Verifier};
use m26_pay::sim::gateway::unionpay::{SignedNotice, UnionPay, UnionPaySettings};
use m26_pay::sim::gateway::{Signing, stand_in};
use m26_pay::unix_time::UnixMillis;
use proptest::prelude::*;
use support::keys;

use crate::tokens::start;

const APP: &str = "fb707efe000000000000000c3a9e06d8";

/// Takes what the simulator's stand-in has signed.
#[derive(Debug)]
struct Seal;

impl Verifier for Seal {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        stand_in(message) == BASE64.encode(signature)
    }
}

fn app() -> App {
    let app_id = AppId::new(APP).unwrap();
    App::new(BaseUrl::live(), app_id, AppSecret::new("secret1").unwrap())
}

fn sealed() -> App {
    app().unionpay_key(Seal).unwrap()
}

fn get(query: &str) -> Arrival<'_> {
    Arrival::Get { query }
}

fn post<'a>(content_type: Option<&'a str>, body: &'a str) -> Arrival<'a> {
    Arrival::Post { content_type, body: body.as_bytes() }
}

/// What the simulator tells of a removed authorisation.
fn removed(change: impl FnOnce(&mut UnionPaySettings)) -> SignedNotice {
    let mut settings = UnionPaySettings::default();
    change(&mut settings);
    let open_id = settings.users[0].open_id.clone();
    let mut unionpay = UnionPay::new(settings, Signing::StandIn, 0).unwrap();
    unionpay.remove_authorisation(start(), &open_id).unwrap()
}

/// One event in every form in which it may come.
#[track_caller]
fn in_each_form<N: Notice + PartialEq + std::fmt::Debug>(notice: &SignedNotice) -> N {
    let (query, raw, form, json) =
        (notice.query(), notice.raw_query(), notice.form(), notice.json());
    let json_type = Some("application/json;charset=UTF-8");
    let form_type = Some("application/x-www-form-urlencoded");
    let arrivals = [
        get(&query),
        get(&raw),
        get(&form),
        post(form_type, &form),
        post(None, &query),
        post(json_type, &json),
        post(None, &json),
        post(form_type, &json),
    ];
    let read: Vec<N> = arrivals.iter().map(|it| sealed().notice(it).unwrap()).collect();
    assert!(read.windows(2).all(|two| two[0] == two[1]), "{read:?}");
    read.into_iter().next().unwrap()
}

#[test]
fn a_removed_authorisation() {
    let event: AuthorisationRemoved = in_each_form(&removed(|_| {}));
    assert_eq!(event.open_id.expose(), UnionPaySettings::default().users[0].open_id);
    assert_eq!(event.timestamp, UnixMillis(1_795_957_200_000));
    assert_eq!(event.nonce_str.len(), 16);
    assert!(!format!("{event:?}").contains(event.open_id.expose()));
}

/// The vector of 5.4.3 but for its key: signed by a key of the test.
#[test]
fn a_released_contract_signed_by_rsa() {
    let ours = keys::Pair::app().private_key();
    let app = app().unionpay_key(ours.public()).unwrap();
    let open_id = "A+sample/openId+made/up0123456789abcdefghijklmnopqrstuvwxyz+/ABCD";
    let text = format!(
        "appId={APP}&contractId=6218400000000000001&nonceStr=devXFg3Lx4fUTaFy&openId={open_id}\
         &operateTime=2026-11-29 21:00:07&timestamp=1764450007&trid=62000000001"
    );
    let signature = BASE64.encode(&ours.sign(text.as_bytes()).unwrap());
    let raw = format!("{text}&signature={signature}");
    let encoded = raw.replace('+', "%2B").replace('/', "%2F").replace(' ', "%20");
    // A framework that takes `+` for a blank, and one that leaves the blank as it is.
    let mangled = raw.replace('+', " ");
    let form = raw.replace("29 21", "29+21");
    for query in [&raw, &encoded, &mangled, &form, &raw.replace("==", "")] {
        let event: ContractReleased = app.notice(&get(query)).unwrap();
        assert_eq!(event.open_id.expose(), open_id);
        assert_eq!(event.contract_id.expose(), "6218400000000000001");
        // 21:00:07 in Beijing.
        assert_eq!(event.operate_time, Some(UnixMillis(1_795_957_207_000)));
        assert_eq!(event.trid.as_deref(), Some("62000000001"));
    }
    let forged = raw.replace("0000001&nonce", "0000002&nonce");
    assert_eq!(app.notice::<ContractReleased>(&get(&forged)), Err(NoticeError::Unverified));
    let other = keys::Pair::other().private_key();
    let other = self::app().unionpay_key(other.public()).unwrap();
    assert_eq!(other.notice::<ContractReleased>(&get(&raw)), Err(NoticeError::Unverified));
}

/// `text` signed by the stand-in, as JSON.
fn signed(fields: &[(&str, &str)], text: &str) -> String {
    let mut object: serde_json::Map<String, serde_json::Value> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect();
    object.insert("signature".into(), stand_in(text.as_bytes()).into());
    serde_json::Value::from(object).to_string()
}

const PASSWORD: &[(&str, &str)] = &[
    ("appId", APP),
    ("bizOrderId", "711076926887122"),
    ("bizType", "4h"),
    ("merchantId", "474919534200503"),
    ("nonceStr", "JoErQGVrVy7MT70t"),
    ("openId", "42q4vi0Ae+8oe0R0dx0S"),
    ("timestamp", "1553426982"),
    ("transNo", "216609E51C1649DD94231B720FDE1DD9"),
];

fn joined(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

#[test]
fn a_verified_password_whatever_the_blanks_of_the_sample_are() {
    let text = joined(PASSWORD);
    let mut blank = PASSWORD.to_vec();
    blank[7].0 = " transNo";
    // The blank was not signed, or it was: then it comes first.
    let mut sorted = vec![blank[7]];
    sorted.extend_from_slice(&blank[..7]);
    for body in [signed(PASSWORD, &text), signed(&blank, &text), signed(&blank, &joined(&sorted))] {
        let event: PasswordVerified = sealed().notice(&post(None, &body)).unwrap();
        assert_eq!(event.trans_no.as_str(), "216609E51C1649DD94231B720FDE1DD9");
        assert_eq!(event.biz_order_id.as_str(), "711076926887122");
        assert_eq!(
            (event.biz_type.as_str(), event.merchant_id.as_str()),
            ("4h", "474919534200503")
        );
    }
    // A number is as good as a text.
    let body = signed(PASSWORD, &text).replace("\"1553426982\"", "1553426982");
    let event: PasswordVerified = sealed().notice(&post(None, &body)).unwrap();
    assert_eq!(event.timestamp, UnixMillis(1_553_426_982_000));
}

#[test]
fn empties_are_signed_or_not() {
    let fields = [
        ("appId", APP),
        ("contractId", "6218400000000000001"),
        ("nonceStr", "devXFg3Lx4fUTaFy"),
        ("openId", "A+/"),
        ("operateTime", ""),
        ("timestamp", "1764450007"),
        ("trid", " "),
    ];
    let full = joined(&fields);
    let mut trimmed = fields;
    trimmed[6].1 = "";
    let left_out: Vec<_> =
        fields.iter().copied().filter(|(_, value)| !value.trim().is_empty()).collect();
    for text in [full, joined(&trimmed), joined(&left_out)] {
        let body = signed(&fields, &text);
        let event: ContractReleased = sealed().notice(&post(None, &body)).unwrap();
        assert_eq!((event.operate_time, event.trid), (None, None));
    }
}

#[test]
fn what_is_not_unionpays_is_answered_so() {
    let good = removed(|_| {});
    let json = good.json();
    let refused = |arrival: &Arrival<'_>| {
        let error = sealed().notice::<AuthorisationRemoved>(arrival).unwrap_err();
        assert_eq!(error.reply(), Reply::NotVerified, "{error}");
        error
    };
    assert_eq!(
        refused(&post(None, &good.clone().forged("openId", "x").json())),
        NoticeError::Unverified
    );
    assert_eq!(
        refused(&post(None, &good.clone().forged("signature", "x").json())),
        NoticeError::Unverified
    );
    assert_eq!(refused(&post(None, "{}")), NoticeError::Unsigned);
    assert_eq!(refused(&get("")), NoticeError::Unsigned);
    let other = removed(|settings| settings.app_id = "another".into());
    assert_eq!(refused(&get(&other.query())), NoticeError::OtherApp);
    for body in ["{", "[]", "{\"a\":[1]}", "{\"a\":{}}", "{\"a\":true}", "{\"a\":1,\"a\":1}"] {
        let error = refused(&post(Some("application/json"), body));
        assert!(matches!(error, NoticeError::NotRead(_)), "{body}: {error}");
    }
    let twice = format!("{}&%6fpenId=x", good.query());
    let many = "a&".repeat(65);
    for query in [twice.as_str(), "a=%ff", &many, "a=1&a=1", "a=1&+a=1&%20a=2"] {
        assert!(matches!(refused(&get(query)), NoticeError::NotRead(_)), "{query}");
    }
    let bytes = Arrival::Post { content_type: None, body: b"\xff" };
    assert!(matches!(refused(&bytes), NoticeError::NotRead(_)));
    // It is good as it is.
    sealed().notice::<AuthorisationRemoved>(&post(None, &json)).unwrap();
}

/// The text that is signed has no end of a value in it, so two values would verify as one.
#[test]
fn two_values_are_not_taken_for_one() {
    let text = joined(PASSWORD);
    let mut one: Vec<_> = PASSWORD.to_vec();
    one.remove(2);
    one[1].1 = "711076926887122&bizType=4h";
    let body = signed(&one, &text);
    let error = sealed().notice::<PasswordVerified>(&post(None, &body)).unwrap_err();
    assert!(matches!(error, NoticeError::NotRead(_)), "{error}");
}

#[test]
fn what_is_signed_and_makes_no_sense_is_an_error_of_ours() {
    for (name, value) in
        [("timestamp", "soon"), ("timestamp", "9223372036854775807"), ("openId", "a b\u{7248}")]
    {
        let mut fields = PASSWORD.to_vec();
        fields.iter_mut().filter(|field| field.0 == name).for_each(|field| field.1 = value);
        let read = joined(&fields).replace("a b", "a+b");
        let error =
            sealed().notice::<PasswordVerified>(&post(None, &signed(&fields, &read))).unwrap_err();
        assert!(matches!(error, NoticeError::Field { field, .. } if field == name), "{error}");
        assert_eq!(error.reply(), Reply::Failed);
    }
    let error = app().notice::<PasswordVerified>(&get("a=1")).unwrap_err();
    assert_eq!((error, error.reply()), (NoticeError::NoKey, Reply::Failed));
}

#[test]
fn the_three_replies() {
    let read = |text| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(read(Reply::Received.body()), serde_json::json!({"resp": "00"}));
    assert_eq!(read(Reply::NotVerified.body()), serde_json::json!({"resp": "01"}));
    let failed = serde_json::json!({"errorMessage": "系统错误，请稍后重试", "errorCode": "35000"});
    assert_eq!(read(Reply::Failed.body()), failed);
    assert_eq!(Reply::Received.sample_body(), "{'resp': '00'}");
    assert_eq!(Reply::NotVerified.sample_body(), "{'resp': '01'}");
}

#[test]
fn nothing_of_it_shows() {
    let good = removed(|_| {});
    let open_id = good.get("openId").to_owned();
    let (query, json) = (good.query(), good.json());
    let event: AuthorisationRemoved = sealed().notice(&get(&query)).unwrap();
    let error = app().unionpay_key(keys::Pair::app().private_key().public()).unwrap();
    let error = error.notice::<AuthorisationRemoved>(&get(&query)).unwrap_err();
    let shown = format!("{event:?} {error} {error:?} {:?} {:?}", get(&query), post(None, &json));
    assert!(!shown.contains(&open_id) && !shown.contains("signature="), "{shown}");
}

proptest! {
    #[test]
    fn whatever_comes_does_no_harm(text in any::<String>(), body: Vec<u8>) {
        for arrival in [get(&text), post(None, &text), Arrival::Post { content_type: None, body: &body }] {
            prop_assert!(sealed().notice::<ContractReleased>(&arrival).is_err());
        }
    }

    /// What is signed is believed in each form, and no byte of it can be changed.
    #[test]
    fn what_is_signed_is_believed(
        order in "[!-%'-~]{1,64}",
        open_id in "[a-zA-Z0-9+/]{1,64}={0,2}",
        at in 0_usize..500,
        byte in 0_u8..128,
    ) {
        let mut fields = PASSWORD.to_vec();
        fields[1].1 = &order;
        fields[5].1 = &open_id;
        let body = signed(&fields, &joined(&fields));
        let event: PasswordVerified = sealed().notice(&post(None, &body)).unwrap();
        prop_assert_eq!(event.biz_order_id.as_str(), &order);
        prop_assert_eq!(event.open_id.expose(), &open_id);
        let mut changed = body.clone().into_bytes();
        let at = at % changed.len();
        changed[at] = byte;
        let changed = Arrival::Post { content_type: None, body: &changed };
        if let Ok(same) = sealed().notice::<PasswordVerified>(&changed) {
            prop_assert_eq!(same, event);
        }
    }
}
