//! `biz_content` as it is sent: one JSON object, in the order in which it is filled.

use crate::amount::Amount;

/// An object that is being written.
#[derive(Debug)]
pub(super) struct Object(String);

impl Object {
    pub(super) fn new() -> Self {
        Self(String::from("{"))
    }

    /// A member with a text.
    pub(super) fn text(self, key: &str, value: &str) -> Self {
        self.raw(key, &quoted(value))
    }

    /// A member with a text, if there is one.
    pub(super) fn some(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// A member with an amount: yuan with two decimals, as a text. No float is involved.
    pub(super) fn amount(self, key: &str, amount: Option<Amount>) -> Self {
        self.some(key, amount.map(|amount| amount.to_string()).as_deref())
    }

    /// A member whose value is JSON already.
    pub(super) fn raw(mut self, key: &str, json: &str) -> Self {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&quoted(key));
        self.0.push(':');
        self.0.push_str(json);
        self
    }

    /// A member with a list, if it is not empty.
    pub(super) fn list(self, key: &str, items: impl IntoIterator<Item = String>) -> Self {
        let items: Vec<String> = items.into_iter().collect();
        if items.is_empty() { self } else { self.raw(key, &format!("[{}]", items.join(","))) }
    }

    pub(super) fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

/// A text in quotes.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
