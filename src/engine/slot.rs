//! Who a result line belongs to.

use std::time::{Duration, Instant};

use bytes::Bytes;

use crate::at::command::{Awaited, Release};
use crate::at::field::Shape;

/// The results that were missed and may still come, by prefix.
///
/// A result line does not say which command it answers. So a prefix under which one was missed is
/// *tainted*: the next result under it is late, unless the command that now waits for one may take
/// it by its [`Release`].
#[derive(Debug, Default)]
pub(super) struct Slots(Vec<Slot>);

#[derive(Debug)]
struct Slot {
    prefix: &'static str,
    shape: Shape,
    /// How many results may still come; the slot is tainted while there are any.
    outstanding: u32,
    release: Release,
    /// The command line whose results they are.
    line: Bytes,
    /// When those that have not come are taken for lost.
    until: Option<Instant>,
    /// Whether somebody had waited for them.
    awaited: bool,
}

impl Slots {
    /// The result of `line` was missed, and may come later.
    pub(super) fn missed(&mut self, awaited: &Awaited, line: &Bytes) {
        let slot = self.slot(awaited.prefix, awaited.shape);
        slot.outstanding += 1;
        slot.release = awaited.release;
        slot.line = line.clone();
        slot.until = None;
        slot.awaited = true;
    }

    /// `line` may cause a result that nobody waits for.
    pub(super) fn caused(&mut self, prefix: &'static str, line: &Bytes) {
        let slot = self.slot(prefix, Shape::Any);
        slot.outstanding += 1;
        slot.release = Release::Reset;
        slot.line = line.clone();
        slot.until = None;
        slot.awaited = false;
    }

    /// Whether `line` may begin now; `Err` is what would let it.
    pub(super) fn admit(
        &mut self,
        now: Instant,
        awaited: &Awaited,
        line: &Bytes,
    ) -> Result<(), Release> {
        let Some(slot) = self.0.iter_mut().find(|slot| slot.prefix == awaited.prefix) else {
            return Ok(());
        };
        let lost = slot.until.is_some_and(|until| until <= now);
        if lost || slot.release == Release::Any {
            slot.outstanding = 0;
        }
        let same = slot.release == Release::SameLine && slot.line == *line;
        if slot.outstanding == 0 || same { Ok(()) } else { Err(slot.release) }
    }

    /// The owner of the slot got a result. If another one of the same line may still come, it is
    /// waited for as long as it may take, and taken for lost then.
    pub(super) fn settled(&mut self, now: Instant, prefix: &str, within: Duration) {
        if let Some(slot) = self.0.iter_mut().find(|slot| slot.prefix == prefix) {
            slot.until = Some(now + within);
        }
    }

    /// A result came that nobody waits for. `Some` if it is one that may have been due: whether
    /// somebody had waited for it.
    pub(super) fn arrived(&mut self, prefix: &[u8], args: &[u8]) -> Option<bool> {
        let slot = self.0.iter_mut().find(|slot| {
            slot.outstanding > 0 && slot.prefix.as_bytes() == prefix && slot.shape.fits(args)
        })?;
        slot.outstanding -= 1;
        Some(slot.awaited)
    }

    /// A command that might have caused a result was refused, so none will come.
    pub(super) fn not_caused(&mut self, prefix: &str) {
        if let Some(slot) = self.0.iter_mut().find(|slot| slot.prefix == prefix) {
            slot.outstanding = slot.outstanding.saturating_sub(1);
        }
    }

    /// Whether any command used this prefix for its result.
    pub(super) fn is_known(&self, prefix: &[u8]) -> bool {
        self.0.iter().any(|slot| slot.prefix.as_bytes() == prefix)
    }

    /// A command uses this prefix for its result.
    pub(super) fn used(&mut self, awaited: &Awaited) {
        self.slot(awaited.prefix, awaited.shape);
    }

    /// The module was reset: nothing that was due will come.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    fn slot(&mut self, prefix: &'static str, shape: Shape) -> &mut Slot {
        let index = self.0.iter().position(|slot| slot.prefix == prefix).unwrap_or_else(|| {
            self.0.push(Slot {
                prefix,
                shape,
                outstanding: 0,
                release: Release::Any,
                line: Bytes::new(),
                until: None,
                awaited: true,
            });
            self.0.len() - 1
        });
        &mut self.0[index]
    }
}
