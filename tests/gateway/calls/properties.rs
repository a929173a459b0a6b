//! Whatever comes, nothing panics, and nothing is believed that was not signed.

use m26_pay::gateway::alipay::{Precreate, Sale, Subject};
use m26_pay::gateway::{HttpResponse, KeyInfo, PrivateKey, PublicKey};
use proptest::prelude::*;
use support::keys::Pair;

use super::{AT, merchant, number, parameter, pay, query, response, signed};

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<Vec<u8>>(),
        "[{}\\[\\]\":,a-z_\\\\/0-9 ]{0,80}".prop_map(String::into_bytes),
        any::<String>().prop_map(String::into_bytes),
    ]
}

fn content_type() -> impl Strategy<Value = Option<String>> {
    prop_oneof![
        Just(None),
        Just(Some("text/html;charset=GBK".to_owned())),
        Just(Some("text/html;charset=utf-8".to_owned())),
        any::<String>().prop_map(Some),
    ]
}

proptest! {
    #[test]
    fn any_body_is_read(status: u16, content_type in content_type(), body in bytes()) {
        let response = HttpResponse::new(status, content_type, body);
        prop_assert!(merchant().read(&pay(), &response).is_err());
    }

    #[test]
    fn any_key_file_is_named(file in bytes()) {
        let _ = KeyInfo::of(&file).to_string();
        prop_assert!(PrivateKey::read(&file).is_err());
        prop_assert!(PublicKey::read(&file).is_err());
    }

    #[test]
    fn a_key_with_a_byte_changed_never_panics(at: prop::sample::Index, byte: u8) {
        for mut file in [Pair::app().private_pkcs8(), Pair::app().public_spki()] {
            let at = at.index(file.len());
            file[at] = byte;
            let _ = (PrivateKey::read(&file).is_ok(), PublicKey::read(&file).is_ok());
        }
    }

    #[test]
    fn any_text_that_is_valid_comes_through(text in any::<String>()) {
        let Ok(subject) = Subject::new(text.clone()) else { return Ok(()) };
        let sale = Sale::of(number("A1"), "1".parse().unwrap(), subject).build().unwrap();
        let request = merchant().request(&Precreate::new(sale), AT).unwrap();
        let content: serde_json::Value =
            serde_json::from_str(&parameter(&request, "biz_content").unwrap()).unwrap();
        prop_assert_eq!(content["subject"].as_str(), Some(&*text));
    }

    /// One changed byte anywhere in the signed text or the signature: never an answer.
    #[test]
    fn a_changed_byte_is_never_believed(at: prop::sample::Index, byte in b' '..b'~') {
        let node = r#"{"code":"10000","out_trade_no":"DV-R1","trade_no":"1","trade_status":"TRADE_SUCCESS"}"#;
        let mut body = signed("alipay_trade_query_response", node).into_bytes();
        let (start, end) = (31, 31 + node.len());
        let at = start + at.index(end - start);
        prop_assume!(body[at] != byte);
        body[at] = byte;
        let response = HttpResponse::new(200, None, body);
        prop_assert!(merchant().read(&query(), &response).is_err());
    }

    /// What another library signs over any members is read with each of them as it came.
    #[test]
    fn signed_members_come_through(members in prop::collection::btree_map("[a-z]{9,12}", any::<String>(), 0..6)) {
        let mut node = serde_json::Map::new();
        node.insert("code".into(), "40004".into());
        node.extend(members.iter().map(|(name, value)| (name.clone(), value.clone().into())));
        let text = serde_json::Value::Object(node).to_string();
        let body = signed("alipay_trade_query_response", &text);
        let answer = merchant().read(&query(), &HttpResponse::new(200, None, body.into())).unwrap();
        for (name, value) in &members {
            let read = answer.fields.text(name);
            prop_assert_eq!(read.as_deref().unwrap_or_default(), value);
        }
    }
}

/// Shapes that a reader could take too much time or stack for. Neither is measured: it ends.
#[test]
fn hostile_shapes_are_read() {
    let deep = |open: &str, close: &str| [open.repeat(60_000), close.repeat(60_000)].concat();
    let many: Vec<String> = (0..60_000).map(|at| format!("\"{at}\":0")).collect();
    let node = "alipay_trade_query_response";
    for body in [
        deep("[", "]"),
        deep("{\"a\":", "}"),
        format!("{{\"{node}\":{}}}", deep("[", "]")),
        format!("{{\"{node}\":{{\"code\":\"40004\",\"a\":{}}}}}", deep("[", "]")),
        format!("{{\"{node}\":{{{}}}}}", many.join(",")),
        format!("{{{}}}", many.join(",")),
        format!("{{\"{node}\":{{\"code\":\"{}\"}}}}", "9".repeat(60_000)),
        format!("{{\"{node}\":{{\"code\":1e{}}}}}", "9".repeat(60_000)),
    ] {
        assert!(merchant().read(&query(), &response(body)).is_err());
    }
}
