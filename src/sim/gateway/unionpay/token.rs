//! The tokens of the app: for its backend, and for its pages.

use std::fmt;
use std::time::Instant;

/// The tokens of one kind that were given and have not ended yet.
#[derive(Default)]
pub(super) struct Tokens {
    live: Vec<(String, Instant)>,
    pub(super) given: u64,
}

impl Tokens {
    /// Gives a new one; `evicts` has it end the others at once (7.8 no. 14).
    pub(super) fn give(&mut self, now: Instant, token: String, until: Instant, evicts: bool) {
        self.live.retain(|(_, end)| !evicts && now < *end);
        self.live.push((token, until));
        self.given += 1;
    }

    pub(super) fn is_good(&self, now: Instant, token: &str) -> bool {
        self.live.iter().any(|(it, until)| it == token && now < *until)
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tokens({} redacted)", self.live.len())
    }
}
