//! Slots: which command a result line belongs to.

use std::time::{Duration, Instant};

use super::echo::is_like;
use super::later;
use crate::at::command::{Awaited, Release, Request, is_either, made_at};
use crate::at::field::Shape;
use crate::at::octets::Octets;

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
    alias: Option<&'static str>,
    shape: Shape,
    /// How many results that a command had waited for may still come. The slot is tainted while
    /// there are any.
    missed: u32,
    /// How many may come that no command waited for. They taint it too.
    caused: u32,
    /// What frees the slot of those that were missed.
    release: Release,
    /// The command line whose results were missed.
    line: Octets,
    /// The module may not have begun on what was missed: nothing has shown since that it has.
    unbegun: bool,
    /// When those that have not come are taken for lost.
    until: Option<Instant>,
    /// Until when nothing else frees it: the module has begun late on what was missed.
    held: Option<Instant>,
    /// How long the command that was missed may take.
    longest: Duration,
    /// When those that were missed have had all the time that they may take.
    over: Option<Instant>,
    /// Until when it was held, and when that was over, before the module began late on something.
    before: Option<(Option<Instant>, Option<Instant>)>,
    /// The module's clock was read after that. So a result that was made later is none of them.
    dated: bool,
    /// What the clock showed for the last command, and what stands before the time of a result: one that
    /// was made later was not missed before.
    newer_than: Option<(&'static str, i64)>,
    /// How it stood before the last one was missed, if a result of that one is known by its time.
    apart: Option<Apart>,
    /// The last result.
    last: Option<Last>,
}

/// What was missed before the last one, all of it made before the module's clock showed a time.
#[derive(Clone, Copy, Debug)]
struct Apart {
    newer_than: (&'static str, i64),
    over: Option<Instant>,
    dated: bool,
}

/// A result that came, by which another one is told from a copy of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Last {
    /// Its parameters, if they are short. Two results with data are never equal, and are told apart
    /// elsewhere.
    args: Option<[u8; SHORT]>,
    at: Instant,
    /// Whether a command with this prefix began since.
    passed: bool,
    /// Whether it came behind the `OK` of its command.
    behind_ok: bool,
}

/// What a result in a tainted slot is, as far as can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// One that no command waited for.
    Caused,
    /// One that a command had waited for. While such a one may come, each is taken for it.
    Missed,
    /// Perhaps the last one once more, so that one may still come.
    Copy,
}

impl Slots {
    /// The result of `request`, `awaited`, was missed, and may come later: by the time `over`, if the
    /// module keeps its deadlines.
    pub(super) fn missed(
        &mut self,
        now: Instant,
        awaited: &Awaited,
        request: &Request,
        over: Instant,
        settle: Duration,
    ) {
        let slot = self.slot(awaited.prefix, awaited.shape);
        slot.set_apart();
        slot.missed += 1;
        slot.outlast(over);
        slot.release = awaited.release;
        slot.line = request.line.bytes().clone();
        slot.unbegun = true;
        slot.longest = slot.longest.max(request.longest());
        slot.until = (awaited.release != Release::Reset).then(|| later(now, settle));
    }

    /// The module heard another line than `awaited` belongs to, and its result may come later. The
    /// same line again would be another.
    pub(super) fn misheard(
        &mut self,
        now: Instant,
        awaited: &Awaited,
        request: &Request,
        over: Instant,
        settle: Duration,
    ) {
        let release = match awaited.release {
            Release::SameLine => Release::Time,
            other => other,
        };
        self.missed(now, &Awaited { release, ..*awaited }, request, over, settle);
    }

    /// A result came of which nobody can tell whether it was missed, or is that of a command which
    /// ends with it. One of the two is still due, `over` says until when.
    pub(super) fn either(
        &mut self,
        now: Instant,
        request: &Request,
        over: Instant,
        settle: Duration,
    ) {
        if let Some(awaited) = request.awaited() {
            let due = self.slot(awaited.prefix, awaited.shape).missed.max(1);
            // Which line it answers is not known either.
            self.misheard(now, awaited, request, over, settle);
            self.slot(awaited.prefix, awaited.shape).missed = due;
        }
    }

    /// The module has begun only now on something that was asked before: what it answers comes later
    /// than was thought, and nothing but its arrival and time frees its slot.
    ///
    /// Whether there may be such a thing.
    pub(super) fn begun(&mut self, now: Instant, line: &[u8], settle: Duration) -> bool {
        let mut any = false;
        for slot in self.0.iter_mut().filter(|slot| slot.may_be_begun_by(line)) {
            any = true;
            slot.before = Some((slot.held, slot.over));
            slot.held = Some(later(now, slot.longest));
            slot.outlast(later(now, slot.longest));
            if let Some(until) = &mut slot.until {
                *until = later(now, settle).max(*until);
            }
        }
        any
    }

    /// The module has begun on all that was sent.
    #[inline(never)]
    pub(super) fn all_have_begun(&mut self) {
        for slot in &mut self.0 {
            slot.unbegun = false;
        }
    }

    /// A line was sent that the module may not have begun on, and that may cause a result.
    pub(super) fn may_begin(&mut self, prefix: &str) {
        for slot in self.0.iter_mut().filter(|slot| slot.prefix == prefix) {
            slot.unbegun = true;
        }
    }

    /// What the module had begun on late has ended: it was refused, or said its result before.
    pub(super) fn late_one_ended(&mut self) {
        for slot in &mut self.0 {
            if let Some(before) = slot.before.take() {
                (slot.held, slot.over) = before;
            }
        }
    }

    /// A line was sent that may cause a result for which nobody waits.
    pub(super) fn caused(
        &mut self,
        now: Instant,
        prefix: &'static str,
        shape: Shape,
        within: Duration,
    ) {
        let slot = self.slot(prefix, shape);
        slot.caused += 1;
        slot.unbegun = true;
        let until = later(now, within);
        // Where only a reset frees what was missed before, time does not.
        if slot.missed == 0 || slot.until.is_some() {
            slot.until = Some(slot.until.map_or(until, |before| before.max(until)));
        }
    }

    /// Whether `request` may begin now, which waits for `awaited`; `Err` is what would let it.
    pub(super) fn admit(
        &mut self,
        now: Instant,
        awaited: &Awaited,
        request: &Request,
    ) -> Result<(), Release> {
        self.0
            .iter_mut()
            .filter(|slot| awaited.has_prefix(slot.prefix.as_bytes()))
            .try_for_each(|slot| slot.admit(now, request))
    }

    /// When all that was missed with these prefixes has had its time, if there is anything.
    pub(super) fn over(&self, prefixes: &[&str]) -> Option<Instant> {
        let named = self.0.iter().filter(|slot| prefixes.contains(&slot.prefix));
        named.filter(|slot| slot.missed > 0).filter_map(|slot| slot.over).max()
    }

    /// The module's clock was read by a line that was written at this time.
    pub(super) fn dated(&mut self, prefixes: &[&str], written: Instant) {
        for slot in self.0.iter_mut().filter(|slot| prefixes.contains(&slot.prefix)) {
            slot.dated = slot.over.is_none_or(|over| over <= written);
        }
    }

    /// The owner of the slot got a result. If another one of the same line may still come, it is
    /// waited for as long as it may take, and taken for lost then.
    pub(super) fn settled(&mut self, now: Instant, prefix: &str, within: Duration) {
        if let Some(slot) = self.0.iter_mut().find(|slot| slot.prefix == prefix) {
            slot.until = Some(later(now, within));
        }
    }

    /// A result came that nobody waits for. `Some` if it is one that may have been due, or the last
    /// one once more.
    pub(super) fn arrived(&mut self, now: Instant, prefix: &[u8], args: &[u8]) -> Option<Due> {
        let slot = self.0.iter_mut().find(|slot| {
            slot.missed + slot.caused > 0 && slot.has_prefix(prefix) && slot.shape.fits(args)
        })?;
        if slot.is_copy(now, args) || slot.is_newer(args) {
            return Some(Due::Copy);
        }
        slot.last = Some(Last::new(now, args, true));
        if slot.missed > 0 {
            slot.missed -= 1;
            slot.last_came(args);
            return Some(Due::Missed);
        }
        slot.caused -= 1;
        Some(Due::Caused)
    }

    /// Whether a result that looks like this was missed, and may still come.
    pub(super) fn is_missed(&self, prefix: &[u8], args: &[u8]) -> bool {
        self.0
            .iter()
            .any(|slot| slot.missed > 0 && slot.has_prefix(prefix) && slot.shape.fits(args))
    }

    /// The line whose result was missed.
    pub(super) fn missed_line(&self, prefix: &[u8]) -> Option<&Octets> {
        self.0.iter().find(|slot| slot.missed > 0 && slot.has_prefix(prefix)).map(|slot| &slot.line)
    }

    /// A command that might have caused a result was refused, so none will come.
    pub(super) fn not_caused(&mut self, prefix: &str) {
        if let Some(slot) = self.0.iter_mut().find(|slot| slot.prefix == prefix) {
            slot.caused = slot.caused.saturating_sub(1);
        }
    }

    /// Whether no result was ever waited for, or caused.
    #[inline]
    pub(super) fn are_unused(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any command used this prefix for its result.
    pub(super) fn is_known(&self, prefix: &[u8]) -> bool {
        self.0.iter().any(|slot| slot.has_prefix(prefix))
    }

    /// A command uses this prefix for its result.
    pub(super) fn used(&mut self, awaited: &Awaited, newer_than: Option<i64>) {
        let slot = self.slot(awaited.prefix, awaited.shape);
        slot.shape = awaited.shape;
        slot.alias = awaited.alias;
        if newer_than.is_some() {
            slot.newer_than = awaited.made_at.zip(newer_than);
        }
        if let Some(last) = &mut slot.last {
            last.passed = true;
        }
    }

    /// The owner of the slot got this result.
    pub(super) fn came(&mut self, now: Instant, prefix: &[u8], args: &[u8], behind_ok: bool) {
        if let Some(slot) = self.0.iter_mut().find(|slot| slot.has_prefix(prefix)) {
            slot.last = Some(Last::new(now, args, behind_ok));
        }
    }

    /// Whether a result that comes before the `OK`, and without an echo, may be one that was said
    /// before: this module said its last one behind the `OK`, a moment ago.
    pub(super) fn is_too_early(&self, now: Instant, prefix: &[u8]) -> bool {
        let slot = self.0.iter().find(|slot| slot.has_prefix(prefix));
        slot.and_then(|slot| slot.last).is_some_and(|last| last.behind_ok && last.is_recent(now))
    }

    /// Whether a result with this prefix came a moment ago.
    pub(super) fn was_said_lately(&self, now: Instant, prefix: &[u8]) -> bool {
        let slot = self.0.iter().find(|slot| slot.has_prefix(prefix));
        slot.and_then(|slot| slot.last).is_some_and(|last| last.is_recent(now))
    }

    /// Nothing with this prefix is due any more, unless the module has begun late on it.
    pub(super) fn free(&mut self, now: Instant, prefix: &str) {
        if let Some(slot) = self.0.iter_mut().find(|slot| slot.prefix == prefix) {
            if slot.held.is_none_or(|held| held <= now) {
                (slot.missed, slot.caused, slot.until, slot.held) = (0, 0, None, None);
            }
        }
    }

    /// The module was reset: nothing that was due will come.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// What is due comes before then, or never.
    pub(super) fn expire(&mut self, until: Instant) {
        for slot in &mut self.0 {
            slot.until = Some(until);
        }
    }

    fn slot(&mut self, prefix: &'static str, shape: Shape) -> &mut Slot {
        let index = self.0.iter().position(|slot| slot.prefix == prefix).unwrap_or_else(|| {
            self.0.push(Slot {
                prefix,
                alias: None,
                shape,
                missed: 0,
                caused: 0,
                release: Release::Any,
                line: Octets::NONE,
                unbegun: false,
                until: None,
                held: None,
                longest: Duration::ZERO,
                over: None,
                before: None,
                dated: false,
                newer_than: None,
                apart: None,
                last: None,
            });
            self.0.len() - 1
        });
        &mut self.0[index]
    }
}

impl Slot {
    /// Whether something is due here, and this line, which may be damaged, may have asked for it.
    fn may_be_begun_by(&self, line: &[u8]) -> bool {
        if !self.unbegun {
            return false;
        }
        let own = self.line.strip_suffix(b"\r").unwrap_or_default();
        let front = own.iter().zip(line).take_while(|(one, other)| one == other).count();
        match (self.caused, self.missed) {
            (0, 0) => false,
            // Of more than one, the lines before the last are not known.
            (0, 1) if !own.is_empty() => 2 * front >= own.len() || is_like(line, own),
            _ => true,
        }
    }

    /// A result may come until then.
    fn outlast(&mut self, over: Instant) {
        // The module's clock shows whole seconds.
        self.over = self.over.max(Some(later(over, SECOND)));
        (self.dated, self.newer_than) = (false, None);
    }

    fn admit(&mut self, now: Instant, request: &Request) -> Result<(), Release> {
        let lost = self.until.is_some_and(|until| until <= now);
        if lost || self.release == Release::Any {
            self.missed = 0;
        }
        if lost {
            (self.caused, self.held) = (0, None);
        }
        let same = self.release == Release::SameLine && self.line == *request.line.bytes();
        let told_apart = self.dated && request.made_after().is_some();
        match (self.caused, self.missed) {
            (0, 0) => Ok(()),
            (0, _) if same || told_apart => Ok(()),
            (0, _) => Err(self.release),
            _ => Err(Release::Reset),
        }
    }

    /// Another one is missed. A command since was told by its time from those before, on all of which the
    /// module had begun: then so is this one.
    fn set_apart(&mut self) {
        let (over, dated) = (self.over, self.dated);
        let told = self.newer_than.filter(|_| self.missed > 0 && !self.unbegun);
        self.apart = told.map(|newer_than| Apart { newer_than, over, dated });
    }

    /// A result came that was missed. If it is that of the last one, those before are due as they were.
    fn last_came(&mut self, args: &[u8]) {
        if let Some(apart) = self.apart.filter(|apart| is_newer(args, apart.newer_than)) {
            (self.over, self.dated) = (apart.over, apart.dated);
            (self.newer_than, self.apart) = (Some(apart.newer_than), None);
            (self.held, self.before) = (None, None);
        }
    }

    /// Whether a result was made for a command that began since the others were missed, and has ended.
    fn is_newer(&self, args: &[u8]) -> bool {
        self.newer_than.is_some_and(|newer_than| is_newer(args, newer_than))
    }

    /// Whether a result is the last one once more: no command was sent between the two that could
    /// have caused it.
    fn is_copy(&self, now: Instant, args: &[u8]) -> bool {
        self.last.is_some_and(|last| !last.passed && last.is(now, args))
    }

    fn has_prefix(&self, prefix: &[u8]) -> bool {
        is_either(prefix, self.prefix, self.alias)
    }
}

fn is_newer(args: &[u8], (key, newer_than): (&str, i64)) -> bool {
    made_at(args, key).is_some_and(|time| time >= newer_than)
}

impl Last {
    fn new(now: Instant, args: &[u8], behind_ok: bool) -> Self {
        Self { args: short(args), at: now, passed: false, behind_ok }
    }

    /// Whether a result that comes now may be this one once more.
    fn is(&self, now: Instant, args: &[u8]) -> bool {
        self.args.is_some() && self.args == short(args) && self.is_recent(now)
    }

    fn is_recent(&self, now: Instant) -> bool {
        now < later(self.at, COPY)
    }
}

/// Parameters that fit, with zeros behind them.
fn short(args: &[u8]) -> Option<[u8; SHORT]> {
    let mut short = [0; SHORT];
    short.get_mut(..args.len())?.copy_from_slice(args);
    Some(short)
}

const SECOND: Duration = Duration::from_secs(1);

/// Not specified; chosen because what says a line twice does so within seconds, and the answers to
/// two sendings of one line are as far apart as these: 30 s and more.
const COPY: Duration = Duration::from_secs(20);

/// Not specified; chosen because a result without data is a number of a few digits.
const SHORT: usize = 8;
