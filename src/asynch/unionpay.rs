//! [`UnionPay`] for tasks: the loop that runs its calls.

use std::sync::Arc;

use crate::asynch::threads::{THREADS, Threads};
use crate::gateway::unionpay::keeper::{Input, KeeperPolicy};
use crate::gateway::unionpay::token::{Token, TokenKind, TokenStore};
use crate::gateway::unionpay::{
    Answer, App, BackendToken, Call, Credential, Desk, FrontToken, TokenError, UnionPayError, Went,
    asks_for_another_token,
};
use crate::gateway::{Deadlines, Transport};

/// Makes calls in tasks. The steps are those of
/// [`gateway::unionpay::UnionPay`](crate::gateway::unionpay::UnionPay); its transport and its store
/// block, and have threads of their own.
///
/// A call that waits for a token of another host takes no thread. Dropping a call does not stop what
/// is under way: a request that was sent may be carried out, and a token that is being fetched is
/// kept for the next call.
///
/// ```no_run
/// use m26_pay::asynch::UnionPay;
/// use m26_pay::gateway::Transport;
/// use m26_pay::gateway::unionpay::App;
/// use m26_pay::gateway::unionpay::token::MemoryTokens;
///
/// # async fn run(app: App, transport: impl Transport + Send + Sync + 'static)
/// # -> Result<(), Box<dyn std::error::Error>> {
/// let unionpay = UnionPay::new(app, transport, MemoryTokens::new());
/// let token = unionpay.backend_token().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct UnionPay<T, S> {
    desk: Arc<Desk<T, S>>,
    threads: Arc<Threads>,
}

/// A clone shares tokens, transport and threads.
impl<T, S> Clone for UnionPay<T, S> {
    fn clone(&self) -> Self {
        Self { desk: Arc::clone(&self.desk), threads: Arc::clone(&self.threads) }
    }
}

impl<T, S> UnionPay<T, S>
where
    T: Transport + Send + Sync + 'static,
    S: TokenStore + 'static,
{
    /// Calls of this application. At most [`THREADS`] requests are under way at a time.
    #[must_use]
    pub fn new(app: App, transport: T, store: S) -> Self {
        Self::with_settings(app, transport, store, UnionPaySettings::default())
    }

    /// As [`new`](Self::new), with other waits, deadlines and number of threads.
    #[must_use]
    pub fn with_settings(app: App, transport: T, store: S, settings: UnionPaySettings) -> Self {
        let UnionPaySettings { policy, deadlines, threads } = settings;
        let mut desk = Desk::new(app, transport, store, policy);
        desk.deadlines = deadlines;
        Self { desk: Arc::new(desk), threads: Arc::new(Threads::new(threads)) }
    }

    /// The application.
    #[must_use]
    pub fn app(&self) -> &App {
        &self.desk.app
    }

    /// Makes a call: one request, sent once. If the platform refuses the token (`a10`), it did nothing,
    /// and the request is sent once more with another token.
    ///
    /// # Errors
    /// If there is no answer that can be read; [`UnionPayError::delivery`] says what is known. A
    /// refusal is an answer.
    pub async fn call<C>(&self, call: C) -> Result<Answer<C::Answer>, UnionPayError>
    where
        C: Call + Send + Sync + 'static,
        C::Answer: Send,
    {
        let call = Arc::new(call);
        if C::CREDENTIAL != Credential::BackendToken {
            return self.ask(&call, None).await;
        }
        let token = self.token(TokenKind::Backend).await?;
        let answer = self.ask(&call, Some(token.clone())).await?;
        if !asks_for_another_token::<C>(&answer) {
            return Ok(answer);
        }
        self.desk.refused(TokenKind::Backend, &token);
        let token = self.token(TokenKind::Backend).await?;
        self.ask(&call, Some(token)).await
    }

    /// The backend token, for a program that makes its requests by itself.
    ///
    /// # Errors
    /// If there is none.
    pub async fn backend_token(&self) -> Result<BackendToken, TokenError> {
        self.token(TokenKind::Backend).await?.to_backend()
    }

    /// The front token, which goes into a page's configuration.
    ///
    /// # Errors
    /// If there is none.
    pub async fn front_token(&self) -> Result<FrontToken, TokenError> {
        self.token(TokenKind::Front).await?.to_front()
    }

    /// Another program was told by the platform that this token is not valid (`a10`).
    pub fn backend_token_refused(&self, token: &BackendToken) {
        self.desk.refused(TokenKind::Backend, &Token::new(token.expose()));
    }

    /// A page was told by the platform that this token is not valid (`a20`): the next
    /// [`front_token`](Self::front_token) is another one.
    pub fn front_token_refused(&self, token: &FrontToken) {
        self.desk.refused(TokenKind::Front, &Token::new(token.expose()));
    }

    async fn ask<C>(
        &self,
        call: &Arc<C>,
        token: Option<Token>,
    ) -> Result<Answer<C::Answer>, UnionPayError>
    where
        C: Call + Send + Sync + 'static,
        C::Answer: Send,
    {
        let (desk, call) = (Arc::clone(&self.desk), Arc::clone(call));
        let asked = self.threads.wait_for(move || desk.ask(&*call, token.as_ref())).await;
        asked.map_err(|error| UnionPayError::Thread(error.kind()))?
    }

    async fn token(&self, kind: TokenKind) -> Result<Token, TokenError> {
        if let Some(token) = self.desk.known(kind) {
            return Ok(token);
        }
        let (mut errand, mut input) = (self.desk.errand(kind), Input::Begin);
        loop {
            let desk = Arc::clone(&self.desk);
            let went = self.threads.wait_for(move || desk.go(errand, input)).await;
            match went.map_err(|error| TokenError::Thread(error.kind()))? {
                Went::Done(outcome) => return outcome,
                Went::Rests(rests, until) => {
                    tokio::time::sleep_until(until.into()).await;
                    (errand, input) = (rests, Input::Resume);
                }
            }
        }
    }
}

/// Waits, deadlines and number of threads of [`UnionPay`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnionPaySettings {
    /// When tokens are fetched, and how many requests are sent.
    pub policy: KeeperPolicy,
    /// How long one request may take.
    pub deadlines: Deadlines,
    /// How many requests to the platform and to the store are under way at a time, at most.
    pub threads: usize,
}

impl Default for UnionPaySettings {
    fn default() -> Self {
        Self { policy: KeeperPolicy::default(), deadlines: Deadlines::default(), threads: THREADS }
    }
}
