//! Whatever comes, nothing panics, and nothing is believed that was not signed.

use data_encoding::BASE64;
use m26_pay::gateway::alipay::notify::{Expected, Notification};
use m26_pay::gateway::{Charset, Verifier};
use proptest::prelude::*;

use super::{FORM, Fields, merchant};

/// Takes the base64 of the text for its signature, so that nothing but the text decides.
#[derive(Debug)]
struct Echo;

impl Verifier for Echo {
    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        message == signature
    }
}

fn value() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        any::<Vec<u8>>(),
        "[ +%&=0-9a-z]{0,12}".prop_map(String::into_bytes),
        "[测试午餐]{0,8}".prop_map(String::into_bytes),
    ]
}

fn fields() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let name = "(?:[a-z_]{1,12}|total_amount|trade_status|out_trade_no|sign_type|charset)";
    prop::collection::btree_map(name, value(), 0..12)
        .prop_map(|map| map.into_iter().filter(|(name, _)| name != "sign").collect())
}

proptest! {
    #[test]
    fn any_body_is_read(header in any::<Option<String>>(), body in any::<Vec<u8>>()) {
        prop_assert!(merchant().notification(header.as_deref(), &body).is_err());
        prop_assert!(merchant().notification(Some(FORM), &body).is_err());
    }

    /// Whatever was signed is believed or refused for what it says, and each value is what was signed.
    #[test]
    fn each_value_comes_as_it_was_signed(
        fields in fields(),
        with_sign_type: bool,
        gbk: bool,
    ) {
        let mut form = Fields(fields);
        if !with_sign_type {
            form = form.without("sign_type");
        }
        let text = form.text();
        let body = form.clone().with("sign", BASE64.encode(&text)).form();
        let otherwise = if gbk { Charset::Gbk } else { Charset::Utf8 };
        let Ok(read) = Notification::read(Some(FORM), &body, otherwise, &Echo) else {
            return Ok(());
        };
        let event = read.event(&Expected::default());
        prop_assert!(event.is_ok());
        prop_assert_eq!(read.names().count(), form.0.len() + 1);
        for (name, value) in &form.0 {
            if let (Some(text), true) = (read.text(name), read.text("charset").is_none() && !gbk) {
                prop_assert_eq!(text.as_bytes(), &value[..]);
            }
        }
    }

    /// One changed byte anywhere in the body: it is refused, or says the same.
    #[test]
    fn a_changed_byte_changes_nothing_that_is_believed(at: prop::sample::Index, byte: u8) {
        let mut body = Fields::paid().body();
        let sound = merchant().notification(Some(FORM), &body).unwrap();
        let at = at.index(body.len());
        body[at] = byte;
        if let Ok(read) = merchant().notification(Some(FORM), &body) {
            prop_assert_eq!(read.trade(), sound.trade());
            for name in sound.names().filter(|name| !name.starts_with("sign")) {
                prop_assert_eq!(read.text(name), sound.text(name));
            }
        }
    }
}
