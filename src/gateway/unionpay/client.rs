//! The run loop of calls, for threads.

use super::answer::Answer;
use super::app::App;
use super::call::{Call, Credential};
use super::desk::{Desk, TokenError, UnionPayError, Went, asks_for_another_token};
use super::keeper::{Input, KeeperPolicy};
use super::text::{BackendToken, FrontToken};
use super::token::{Token, TokenKind, TokenStore};
use crate::gateway::{Deadlines, Transport};

/// Makes calls for one application: fetches and keeps the tokens that they go by, and counts them.
///
/// Every call blocks until its answer; any number of threads may call at once. `asynch::UnionPay`
/// (feature `async`) is the same for tasks. All that use the same application, on this host or
/// others, need the same [`TokenStore`]: a new token ends the one before it (7.8 no. 14).
///
/// ```no_run
/// use m26_pay::gateway::Transport;
/// use m26_pay::gateway::unionpay::token::MemoryTokens;
/// use m26_pay::gateway::unionpay::{App, AppId, AppSecret, BaseUrl, UnionPay};
///
/// # fn run(transport: impl Transport) -> Result<(), Box<dyn std::error::Error>> {
/// let app = App::new(BaseUrl::live(), AppId::new("a5949221")?, AppSecret::new("sample")?);
/// let unionpay = UnionPay::new(app, transport, MemoryTokens::new());
/// let token = unionpay.backend_token()?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UnionPay<T, S> {
    desk: Desk<T, S>,
}

impl<T: Transport, S: TokenStore> UnionPay<T, S> {
    /// Calls of this application.
    #[must_use]
    pub fn new(app: App, transport: T, store: S) -> Self {
        Self::with_policy(app, transport, store, KeeperPolicy::default())
    }

    /// The same with other waits and another limit.
    #[must_use]
    pub fn with_policy(app: App, transport: T, store: S, policy: KeeperPolicy) -> Self {
        Self { desk: Desk::new(app, transport, store, policy) }
    }

    /// How long one request may take. It is said before anything is asked.
    #[must_use]
    pub fn deadlines(mut self, deadlines: Deadlines) -> Self {
        self.desk.deadlines = deadlines;
        self
    }

    /// The application.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.desk.app
    }

    /// Makes a call: one request, sent once. Only if the platform says that it does not take the
    /// token (`a10`), and so did nothing, the call is made once more with another one.
    ///
    /// # Errors
    /// If there is no answer that can be read; [`UnionPayError::delivery`] says what is known. A
    /// refusal is an answer.
    pub fn call<C: Call>(&self, call: &C) -> Result<Answer<C::Answer>, UnionPayError> {
        if C::CREDENTIAL != Credential::BackendToken {
            return self.desk.ask(call, None);
        }
        let token = self.token(TokenKind::Backend)?;
        let answer = self.desk.ask(call, Some(&token))?;
        if !asks_for_another_token::<C>(&answer) {
            return Ok(answer);
        }
        self.desk.refused(TokenKind::Backend, &token);
        let token = self.token(TokenKind::Backend)?;
        self.desk.ask(call, Some(&token))
    }

    /// The backend token, for a program that makes its requests by itself.
    ///
    /// # Errors
    /// If there is none.
    pub fn backend_token(&self) -> Result<BackendToken, TokenError> {
        self.token(TokenKind::Backend)?.to_backend()
    }

    /// The front token, which goes into a page's configuration.
    ///
    /// # Errors
    /// If there is none.
    pub fn front_token(&self) -> Result<FrontToken, TokenError> {
        self.token(TokenKind::Front)?.to_front()
    }

    /// The platform has said to somebody that it does not take this token (`a10`).
    pub fn backend_token_refused(&self, token: &BackendToken) {
        self.desk.refused(TokenKind::Backend, &Token::new(token.expose()));
    }

    /// The platform has said to a page that it does not take this token (`a20`): the next
    /// [`front_token`](Self::front_token) is another one.
    pub fn front_token_refused(&self, token: &FrontToken) {
        self.desk.refused(TokenKind::Front, &Token::new(token.expose()));
    }

    fn token(&self, kind: TokenKind) -> Result<Token, TokenError> {
        let mut went = self.desk.go(self.desk.errand(kind), Input::Begin);
        loop {
            match went {
                Went::Done(outcome) => return outcome,
                Went::Rests(errand, until) => {
                    self.desk.rest(until);
                    went = self.desk.go(errand, Input::Resume);
                }
            }
        }
    }
}
