//! JSON as it is sent and as it comes.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An object that is being written, in the order in which it is filled.
#[derive(Debug)]
pub(crate) struct Object(String);

impl Object {
    /// One that has room for so many bytes from the start.
    pub(crate) fn with_capacity(length: usize) -> Self {
        let mut text = String::with_capacity(length);
        text.push('{');
        Self(text)
    }

    /// A member with a text.
    pub(crate) fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        push_quoted(&mut self.0, value);
        self
    }

    /// A member with a text, if there is one.
    pub(crate) fn some(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// A member whose value is JSON already.
    pub(crate) fn raw(mut self, key: &str, json: &str) -> Self {
        self.key(key);
        self.0.push_str(json);
        self
    }

    pub(crate) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }

    fn key(&mut self, key: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        push_quoted(&mut self.0, key);
        self.0.push(':');
    }
}

#[cfg(feature = "gateway")]
impl Object {
    pub(crate) fn new() -> Self {
        Self::with_capacity(0)
    }

    /// A member with an amount: yuan with two decimals, as a text. No float is involved.
    pub(crate) fn amount(self, key: &str, amount: Option<crate::amount::Amount>) -> Self {
        self.some(key, amount.map(|amount| amount.to_string()).as_deref())
    }

    /// A member with a list, if it is not empty.
    pub(crate) fn list(self, key: &str, items: impl IntoIterator<Item = String>) -> Self {
        let items: Vec<String> = items.into_iter().collect();
        if items.is_empty() { self } else { self.raw(key, &format!("[{}]", items.join(","))) }
    }
}

/// Puts a text in quotes at the end.
fn push_quoted(json: &mut String, text: &str) {
    // A fold has no early end, so that it is done many bytes at a time.
    let special = |byte: u8| byte < b' ' || byte == b'"' || byte == b'\\';
    if text.bytes().fold(false, |found, byte| found | special(byte)) {
        json.push_str(&serde_json::Value::from(text).to_string());
    } else {
        json.push('"');
        json.push_str(text);
        json.push('"');
    }
}

/// The members of an object, each with its value exactly as it stands. All are given, those that come
/// twice too: a map would keep one of them in silence.
pub(crate) fn members(text: &str) -> Result<Vec<(String, &RawValue)>, serde_json::Error> {
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
