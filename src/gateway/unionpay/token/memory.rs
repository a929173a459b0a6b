//! Tokens for the threads of one process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::record::Record;
use super::{Claimed, Fence, FetchedToken, StoreError, Token, TokenKey, TokenStore};
use crate::gateway::unionpay::keeper::Pace;

/// A [`TokenStore`] in memory, for the threads of one process that is the only one with this
/// application. Share it by an `Arc` where several clients have the same application.
///
/// A restart forgets the tokens, so a process that starts fetches.
#[derive(Debug, Default)]
pub struct MemoryTokens {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    records: HashMap<TokenKey, Record>,
    /// By one key of each application: its requests are counted together.
    paces: HashMap<TokenKey, Pace>,
}

impl MemoryTokens {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing in a change of a record panics.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryTokens {
    fn claim(
        &self,
        key: &TokenKey,
        refused: Option<&Token>,
        holder: u64,
        lease: Duration,
        now: Instant,
    ) -> Result<Claimed, StoreError> {
        Ok(self.lock().records.entry(key.clone()).or_default().claim(refused, holder, lease, now))
    }

    fn put(
        &self,
        key: &TokenKey,
        fence: Fence,
        fetched: &FetchedToken,
        renew_in: Duration,
        now: Instant,
    ) -> Result<bool, StoreError> {
        let mut kept = self.lock();
        Ok(kept
            .records
            .get_mut(key)
            .is_some_and(|record| record.put(fence, fetched, renew_in, now)))
    }

    fn fail(
        &self,
        key: &TokenKey,
        fence: Fence,
        pause: Duration,
        now: Instant,
    ) -> Result<(), StoreError> {
        if let Some(record) = self.lock().records.get_mut(key) {
            record.fail(fence, pause, now);
        }
        Ok(())
    }

    fn count(
        &self,
        key: &TokenKey,
        limit: u16,
        now: Instant,
    ) -> Result<Option<Duration>, StoreError> {
        let app = key.of_app();
        Ok(self.lock().paces.entry(app).or_default().count(limit, now).err())
    }
}
