//! What UnionPay tells an application by itself, or whoever knows its address.

use data_encoding::BASE64;
use m26_pay::gateway::Verifier;
use m26_pay::gateway::unionpay::notify::{
    Arrival, AuthorisationRemoved, ContractReleased, Notice, NoticeError, PasswordVerified,
};
use m26_pay::gateway::unionpay::{App, AppId, AppSecret, BaseUrl};

use super::gateway_answers::{Seal, seal};
use super::source::{Source, assert_hidden, unfold};

/// Nothing is believed that was not signed, no value is taken for two or two for one, and nothing
/// that came shows.
///
/// The first byte chooses the form, the second the event, the third how much is made right: nothing,
/// or the signature over a form of pairs with their empties left out or in. The rest is the text.
pub fn unionpay_notifications(data: &[u8]) {
    let mut source = Source::new(data);
    let (form, event, made) = (source.below(4), source.below(3), source.below(3));
    let text = unfold(source.rest());
    let text = match made {
        0 => text,
        made => signed(&text, made == 2),
    };
    let query = String::from_utf8_lossy(&text);
    let arrival = match form {
        0 => Arrival::Get { query: &query },
        1 => Arrival::Post { content_type: None, body: &text },
        2 => Arrival::Post { content_type: Some("application/json;charset=UTF-8"), body: &text },
        _ => Arrival::Post { content_type: Some("application/x-www-form-urlencoded"), body: &text },
    };
    assert_hidden(&format!("{arrival:?}"));
    match event {
        0 => check::<AuthorisationRemoved>(&arrival, |it| format!("{:?}", it.open_id)),
        1 => check::<PasswordVerified>(&arrival, |it| format!("{:?}", it.open_id)),
        _ => check::<ContractReleased>(&arrival, |it| {
            format!("{:?} {:?}", it.open_id, it.contract_id)
        }),
    }
}

/// The pairs of a form and their signature by the stand-in, as it is written in the form.
fn signed(text: &[u8], empties: bool) -> Vec<u8> {
    let mut pairs: Vec<&[u8]> = text.split(|byte| *byte == b'&').collect();
    pairs.retain(|pair| !pair.is_empty() && (empties || !pair.ends_with(b"=")));
    pairs.sort_by_key(|pair| pair.split(|byte| *byte == b'=').next());
    let signature = BASE64.encode(&seal(&pairs.join(&b'&')));
    [text, b"&signature=", signature.as_bytes()].concat()
}

fn check<N: Notice>(arrival: &Arrival<'_>, shown: impl Fn(&N) -> String) {
    let app_id = AppId::new("1").unwrap();
    let app = App::new(BaseUrl::live(), app_id, AppSecret::new("1").unwrap());
    assert_eq!(app.notice::<N>(arrival).err(), Some(NoticeError::NoKey));
    let other = app.clone().unionpay_key(Never).unwrap();
    assert!(other.notice::<N>(arrival).is_err(), "it is not signed by this key");
    let app = app.unionpay_key(Seal).unwrap();
    match app.notice::<N>(arrival) {
        Ok(event) => assert_hidden(&shown(&event)),
        Err(error) => assert_hidden(&format!("{error} {error:?} {}", error.reply().body())),
    }
}

/// Another key than that of the signature.
#[derive(Debug)]
struct Never;

impl Verifier for Never {
    fn verify(&self, _: &[u8], _: &[u8]) -> bool {
        false
    }
}
