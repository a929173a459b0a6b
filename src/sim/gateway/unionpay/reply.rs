//! What the platform answers.

use std::fmt;

use serde_json::{Map, Value};

use super::code::{self, Code};
use super::{Answer, CallName};

/// The fields of an answer, by the names of the document's tables.
pub(super) type Params = Map<String, Value>;

/// What a call was answered.
#[derive(Clone, Eq, PartialEq)]
pub struct UnionPayReply {
    pub(super) call: CallName,
    pub(super) code: Code,
    pub(super) params: Params,
}

impl UnionPayReply {
    pub(super) fn new(call: CallName, answered: Answer) -> Self {
        match answered {
            Ok(params) => Self { call, code: code::OK, params },
            Err(code) => Self { call, code, params: Params::new() },
        }
    }

    /// The code; `00` if all went well.
    pub fn resp(&self) -> &'static str {
        self.code.resp
    }

    /// A field, by its name in the table of answers; where it is sealed, as it is sealed.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.params.get(name)
    }
}

/// Only the names of the fields.
impl fmt::Debug for UnionPayReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} ", self.call, self.code.resp)?;
        f.debug_set().entries(self.params.keys()).finish()
    }
}

pub(super) fn params<const N: usize>(fields: [(&str, Value); N]) -> Params {
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
