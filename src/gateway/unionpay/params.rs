//! The parameters of one call, as they are signed and as they are sent.

use std::borrow::Cow;
use std::fmt;

use super::app::RequestError;
use super::tdes::SymmetricKey;
use crate::gateway::json::Object;

/// The parameters of a call, under the spec's names. Its Debug shows the names alone.
#[derive(Clone, Default)]
pub struct Params<'a>(Vec<Param<'a>>);

#[derive(Clone)]
struct Param<'a> {
    name: &'static str,
    value: Cow<'a, str>,
    encrypted: bool,
}

impl<'a> Params<'a> {
    /// No parameters yet.
    #[must_use]
    pub fn new() -> Self {
        Self(Vec::with_capacity(MOST))
    }

    /// One more, sent as it is.
    #[must_use]
    pub fn text(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.0.push(Param { name, value: value.into(), encrypted: false });
        self
    }

    /// One more that may be left out; what the call's signature does with it then is the call's rule
    /// ([`Empties`](super::Empties)).
    #[must_use]
    pub fn optional(self, name: &'static str, value: Option<&'a str>) -> Self {
        self.text(name, value.unwrap_or_default())
    }

    /// One more that is signed in clear and sent under the symmetric key (5.8.1 note 3).
    #[must_use]
    pub fn encrypted(mut self, name: &'static str, value: impl Into<Cow<'a, str>>) -> Self {
        self.0.push(Param { name, value: value.into(), encrypted: true });
        self
    }

    /// The same, where it may be left out.
    #[must_use]
    pub fn encrypted_optional(self, name: &'static str, value: Option<&'a str>) -> Self {
        self.encrypted(name, value.unwrap_or_default())
    }

    /// Takes out what has no value.
    pub(super) fn without_empties(mut self) -> Self {
        self.0.retain(|param| !param.value.is_empty());
        self
    }

    /// In clear, as they are signed.
    pub(super) fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|param| (param.name, param.value.as_ref())).collect()
    }

    /// The JSON that is sent, `signature` included.
    pub(super) fn body(
        &self,
        signature: Option<&str>,
        key: Option<&SymmetricKey>,
    ) -> Result<String, RequestError> {
        // Quotes, colon and comma; a cipher in base64 is longer than its text.
        let length = |param: &Param| param.name.len() + 6 + param.value.len() * 2;
        let signature_length = signature.map_or(0, |signature| signature.len() + 16);
        let length = self.0.iter().map(length).sum::<usize>() + signature_length + 2;
        let mut body = Object::with_capacity(length);
        for param in &self.0 {
            body = match param.encrypted && !param.value.is_empty() {
                false => body.text(param.name, &param.value),
                true => {
                    let key = key.ok_or(RequestError::NoSymmetricKey { field: param.name })?;
                    body.text(param.name, &key.encrypt(&param.value))
                }
            };
        }
        Ok(body.some("signature", signature).finish())
    }
}

impl fmt::Debug for Params<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Params")?;
        f.debug_list().entries(self.0.iter().map(|param| param.name)).finish()
    }
}

/// As many as the longest call has (5.7.1, 5.8.5).
const MOST: usize = 13;
