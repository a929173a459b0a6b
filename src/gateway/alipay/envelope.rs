//! The outer object of an answer: which node is signed, and exactly where it stands.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::answer::NoAnswer;

/// ```text
/// {"alipay_trade_pay_response":{…},"alipay_cert_sn":"…","sign":"…"}
/// {"error_response":{…},"sign":"…"}
/// ```
///
/// in any order, with any white space between them.
#[derive(Debug)]
pub(super) struct Envelope<'a> {
    /// The signed node, from its first to its last character.
    pub(super) node: &'a str,
    /// Whether it is the gateway's own `error_response`.
    pub(super) error_node: bool,
    /// The base64 of the signature, if there is one.
    pub(super) sign: Option<String>,
}

impl<'a> Envelope<'a> {
    /// Takes the answer to `method` apart.
    pub(super) fn read(text: &'a str, method: &str) -> Result<Self, NoAnswer> {
        let members = members(text).map_err(|error| what_is_it(text, &error))?;
        let own = method.replace('.', "_") + "_response";
        let (mut node, mut error, mut sign) = (None, None, None);
        for (name, value) in members {
            let place = match name.as_str() {
                "sign" => &mut sign,
                "error_response" => &mut error,
                name if name == own => &mut node,
                _ => continue,
            };
            if place.replace(value).is_some() {
                return Err(NoAnswer::Twice);
            }
        }
        let (node, error_node) = match (node, error) {
            (Some(node), None) => (node, false),
            (None, Some(error)) => (error, true),
            (Some(_), Some(_)) => return Err(NoAnswer::Twice),
            (None, None) => return Err(NoAnswer::OtherCall),
        };
        let sign = sign.map(|sign| serde_json::from_str::<Option<String>>(sign.get()));
        let sign = sign.transpose().map_err(|_| NoAnswer::NotJson)?.flatten();
        Ok(Self { node: node.get(), error_node, sign: sign.filter(|sign| !sign.is_empty()) })
    }

    /// Where the node begins in `text`, from which the envelope was read.
    pub(super) fn start(&self, text: &str) -> usize {
        self.node.as_ptr() as usize - text.as_ptr() as usize
    }
}

/// The members of an object, each with its value exactly as it stands. All are given, those that come
/// twice too: a map would keep one of them in silence.
pub(super) fn members(text: &str) -> Result<Vec<(String, &RawValue)>, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = deserializer.deserialize_map(Members)?;
    deserializer.end()?;
    Ok(members)
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// What a body is that is no answer, without showing it.
fn what_is_it(text: &str, error: &serde_json::Error) -> NoAnswer {
    match text.trim_start().as_bytes().first() {
        None => NoAnswer::Empty,
        Some(b'<') => NoAnswer::Html,
        Some(b'{') if error.is_eof() => NoAnswer::CutOff,
        Some(_) => NoAnswer::NotJson,
    }
}
