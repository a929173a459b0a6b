//! What a user is asked to agree to.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use crate::gateway::word::Word;

/// What a user is asked to agree to (`scope`, 4.1, 4.3).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Scope {
    /// `upapi_base`: the openId, without a question to the user.
    Base,
    /// `upapi_mobile`: the phone number.
    Mobile,
    /// `upapi_auth`: name and identity card, and the phone number if the user agrees.
    Auth,
    /// `upapi_contract`: a contract for paying without a password.
    Contract,
    /// `upapi_login`: as `upapi_base`, outside UnionPay's app.
    Login,
    /// `upapi_user`: as `upapi_auth`, outside UnionPay's app.
    User,
    /// Something that this crate does not know.
    Other(Word),
}

impl Scope {
    /// As UnionPay writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Base => "upapi_base",
            Self::Mobile => "upapi_mobile",
            Self::Auth => "upapi_auth",
            Self::Contract => "upapi_contract",
            Self::Login => "upapi_login",
            Self::User => "upapi_user",
            Self::Other(scope) => scope.as_str(),
        }
    }
}

impl FromStr for Scope {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.trim() {
            "upapi_base" => Self::Base,
            "upapi_mobile" => Self::Mobile,
            "upapi_auth" => Self::Auth,
            "upapi_contract" => Self::Contract,
            "upapi_login" => Self::Login,
            "upapi_user" => Self::User,
            other => Self::Other(Word::new(other)),
        })
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Other(scope) => scope.fmt(f),
            known => f.write_str(known.as_str()),
        }
    }
}
