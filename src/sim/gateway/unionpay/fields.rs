//! The fields of a request.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

/// The fields of a request as they were sent.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct CallFields(BTreeMap<String, String>);

impl CallFields {
    /// Reads a body: one object of texts, in which no name stands twice. Nothing, if it is anything
    /// else.
    pub fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// A field; empty where there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// The names that were sent, with their values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for CallFields {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(pairs: T) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Only the names.
impl fmt::Debug for CallFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<'de> Deserialize<'de> for CallFields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = CallFields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<CallFields, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, String>()? {
                    if fields.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name stands twice"));
                    }
                }
                Ok(CallFields(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// The fields of a request that has passed the door, in clear.
pub(super) struct Given(pub(super) BTreeMap<&'static str, String>);

impl Given {
    pub(super) fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }

    /// What is signed: every field but the signature, in the order of the names (2.4.1).
    pub(super) fn string1(&self, secret: Option<&str>) -> String {
        let mut pairs: BTreeMap<&str, &str> =
            self.0.iter().map(|(name, value)| (*name, value.as_str())).collect();
        pairs.remove("signature");
        if let Some(secret) = secret {
            pairs.insert("secret", secret);
        }
        string1(pairs)
    }
}

/// `key1=value1&key2=value2`, of pairs that are sorted.
pub(super) fn string1<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}
