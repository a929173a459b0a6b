//! Tokens of an application, and where its hosts keep them.

mod memory;
mod record;
#[cfg(feature = "redis")]
mod redis;
mod store;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub use memory::MemoryTokens;
#[cfg(feature = "redis")]
pub use redis::{InvalidRedisUrl, RedisTokens, RedisTokensSettings};
pub use store::{Claimed, Fence, Held, Next, StoreError, TokenKey, TokenStore};

use super::desk::TokenError;
use super::text::{BackendToken, FrontToken};
use crate::secret::Secret;

/// A token as the platform gave it. It does not show itself; a clone shares its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Secret<Arc<str>>);

impl Token {
    /// This text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Secret::new(text.into()))
    }

    /// The text, for where it has to be used.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// As calls take it.
    pub(crate) fn to_backend(&self) -> Result<BackendToken, TokenError> {
        BackendToken::new(self.expose()).map_err(TokenError::from)
    }

    /// As pages take it.
    pub(crate) fn to_front(&self) -> Result<FrontToken, TokenError> {
        FrontToken::new(self.expose()).map_err(TokenError::from)
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token([redacted])")
    }
}

/// The two tokens that an application has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TokenKind {
    /// `backendToken` (5.1.1): it goes along with most calls, and `a10` is said where it is not good.
    Backend,
    /// `frontToken` (5.1.2): it goes into the signature of `upsdk.config`, and `a20` is said where it
    /// is not good.
    Front,
}

impl TokenKind {
    /// As the spec writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Backend => "backendToken",
            Self::Front => "frontToken",
        }
    }
}

impl fmt::Display for TokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A token that was just fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchedToken {
    /// The token.
    pub token: Token,
    /// For how long it is good (`expiresIn`): 7,200 s today (5.1.1.1).
    pub expires_in: Duration,
}
