//! [`Gate`]: lets people in by their campus codes.

use std::sync::Arc;

use crate::campus::acceptance::{AcceptError, AcceptancePolicy, Entrance, Presented, read};
use crate::campus::decoder::{Decoded, Decoder, Pid, Purpose};
use crate::campus::guard::{Guard, Now};
use crate::campus::layouts::{CodeContents, Layouts};
use crate::campus::user_data::UserDataError;

#[cfg(doc)]
use crate::campus::user_data::UserData;

/// Lets people in by their campus codes. Nothing is paid, and nothing recorded.
///
/// It stays closed if the user data does not fit its layout, the encoding of the name included. As
/// long as the layout is a guess ([`UserData::standing`]), this is all that a gate can check of the
/// holder. If that is not enough, add an [`AcceptancePolicy`].
///
/// ```
/// use m26_pay::campus::acceptance::Gate;
/// use m26_pay::campus::charset::Encoding;
/// use m26_pay::campus::fake::{FakeCode, FakeDecoder};
/// use m26_pay::campus::guard::{MemoryGuard, Now, TimeRules};
/// use m26_pay::campus::layout::{Card, Layout};
///
/// let guard = MemoryGuard::new(MemoryGuard::CAPACITY, TimeRules::default());
/// let gate = Gate::new(FakeDecoder::new(|| Now::read().wall), guard, None);
///
/// let card = Layout::TEMPLATE_5.encode(&Card::sample(), Encoding::GB2312)?;
/// let code = FakeCode::new(Now::read().wall).user_data(card).encode()?;
/// assert!(gate.accept(code.expose(), Now::read()).is_ok());
///
/// let empty = FakeCode::new(Now::read().wall).encode()?;
/// let refusal = gate.accept(empty.expose(), Now::read()).unwrap_err();
/// assert!(refusal.to_string().contains("user data cannot be read"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Gate<D, G> {
    entrance: Entrance<D, G>,
}

/// A person who is let in: open the gate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Admitted {
    /// What the decoder gave.
    pub decoded: Decoded,
    /// Whether only this terminal was asked if the code was used, though others share the guard.
    pub alone: bool,
    layouts: Arc<Layouts>,
}

impl<D: Decoder, G: Guard> Gate<D, G> {
    /// A gate, for `pid` if the decoder needs one. It reads user data by the provisional layouts,
    /// and has no policy.
    #[must_use]
    pub fn new(decoder: D, guard: G, pid: Option<Pid>) -> Self {
        Self { entrance: Entrance::new(decoder, guard, Purpose::Gate { pid }) }
    }

    /// Sets the layouts for the user data.
    #[must_use]
    pub fn layouts(mut self, layouts: Layouts) -> Self {
        self.entrance.layouts = Arc::new(layouts);
        self
    }

    /// Adds a policy. All must agree; they are asked in the order in which they were added.
    #[must_use]
    pub fn policy(mut self, policy: impl AcceptancePolicy + 'static) -> Self {
        self.entrance.policies.push(Box::new(policy));
        self
    }

    /// The guard.
    pub fn guard(&self) -> &G {
        &self.entrance.guard
    }

    /// Takes the bytes of a code.
    ///
    /// # Errors
    /// If the gate stays closed.
    pub fn accept(&self, scanned: &[u8], now: Now) -> Result<Admitted, AcceptError> {
        let entrance = &self.entrance;
        let (decoded, code) = entrance.decode(scanned, now)?;
        // Before the claim, so that the code is not used up by a gate that cannot read it.
        let contents = match read(&entrance.layouts, &decoded)? {
            CodeContents::Unknown { template, .. } => {
                return Err(AcceptError::UnknownTemplate { template });
            }
            known @ CodeContents::Known(user_data) => {
                // If the name is not text, the user data cannot be read.
                user_data.student_name()?;
                known
            }
        };
        let claim = entrance.claim(&code, now)?;
        let presented = Presented { amount: None, decoded: &decoded, contents: Ok(contents) };
        let claim = entrance.judge(claim, &presented, now)?;
        let (alone, layouts) = (claim.is_alone(), Arc::clone(&entrance.layouts));
        Ok(Admitted { decoded, alone, layouts })
    }
}

impl Admitted {
    /// The holder of the code.
    ///
    /// # Errors
    /// In practice none: the gate has read the user data with the same layouts.
    pub fn contents(&self) -> Result<CodeContents<'_>, UserDataError> {
        read(&self.layouts, &self.decoded)
    }
}
