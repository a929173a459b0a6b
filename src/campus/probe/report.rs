//! [`ProbeReport`]: what a probe has found out.

use std::fmt;

use super::Check;
use crate::campus::field::Field;
use crate::campus::layout::{Layout, LayoutStanding};

/// What a probe has found out.
///
/// Its [`Display`](fmt::Display) is for people. It shows nothing of the captures' contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeReport {
    /// How many captures there were.
    pub captures: usize,
    /// The layouts that fit all captures, the more likely first.
    pub fits: Vec<Layout>,
    /// The layouts that do not fit, and why.
    pub misfits: Vec<Misfit>,
    /// The fields on which all layouts that fit agree.
    pub settled: Vec<Field>,
    /// What would tell the layouts that fit apart.
    pub open: Vec<OpenQuestion>,
}

/// A layout that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// The layout.
    pub layout: Layout,
    /// Where it comes from.
    pub origin: Origin,
    /// The first capture that it does not fit, counted from 0.
    pub capture: usize,
    /// The first check that fails there.
    pub check: Check,
    /// The byte at which it fails, counted from 0, if the check is about bytes.
    pub position: Option<usize>,
}

/// Where a layout that was tried comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// It is the one that is built in.
    BuiltIn,
    /// The caller gave it.
    Own,
    /// The probe made it as an alternative.
    Rival,
}

/// What would tell layouts that all fit apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OpenQuestion {
    /// The holder's value of this field. The layouts take different bytes for it.
    Say(Field),
    /// Which template the decoder named.
    Template,
    /// The code of another card, with another value in this field. In these captures all its possible
    /// places hold the same value.
    Vary(Field),
}

/// The conclusion of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conclusion<'a> {
    /// More than one fits, or there was no capture that could tell.
    Ambiguous(&'a [Layout]),
    /// This one fits and no other that was tried: it is proven.
    Found(Layout),
    /// None fits.
    None,
}

impl ProbeReport {
    /// Its conclusion.
    #[must_use]
    pub fn conclusion(&self) -> Conclusion<'_> {
        match self.fits[..] {
            [] => Conclusion::None,
            [one] if self.captures > 0 => {
                Conclusion::Found(one.with_standing(LayoutStanding::Proven))
            }
            _ => Conclusion::Ambiguous(&self.fits),
        }
    }

    /// How many layouts were tried.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.fits.len() + self.misfits.len()
    }

    /// How many layouts fail by each [subject](Check::subject), the largest number first.
    #[must_use]
    pub fn counts(&self) -> Vec<(&'static str, usize)> {
        let mut counts: Vec<(&'static str, usize)> = Vec::new();
        for misfit in &self.misfits {
            let subject = misfit.check.subject();
            match counts.iter_mut().find(|(known, _)| *known == subject) {
                Some((_, count)) => *count += 1,
                None => counts.push((subject, 1)),
            }
        }
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        counts
    }
}

impl fmt::Display for ProbeReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let captures = match self.captures {
            1 => "the capture".to_string(),
            count => format!("all {count} captures"),
        };
        let tried = self.tried();
        match self.conclusion() {
            Conclusion::Found(found) => {
                write!(f, "one of {tried} layouts fits {captures}: {}", found.summary())?;
            }
            Conclusion::None => write!(f, "none of {tried} layouts fits {captures}")?,
            Conclusion::Ambiguous(fits) => {
                write!(f, "{} of {tried} layouts fit {captures}:", fits.len())?;
                for fit in fits.iter().take(SHOWN) {
                    write!(f, "\n  {}", fit.summary())?;
                }
                if let Some(more @ 1..) = fits.len().checked_sub(SHOWN) {
                    write!(f, "\n  and {more} more")?;
                }
                self.fmt_difference(f)?;
            }
        }
        self.fmt_misfits(f)
    }
}

impl ProbeReport {
    /// On what the layouts that fit agree, and what would tell them apart.
    fn fmt_difference(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.settled.is_empty() {
            let settled: Vec<_> = self.settled.iter().map(|field| field.name()).collect();
            write!(f, "\nby all of these the same: {}", settled.join(", "))?;
        }
        let said = self.open.iter().map(ToString::to_string).collect::<Vec<_>>();
        if said.is_empty() {
            f.write_str("\nthey differ in nothing that can be known of a card's holder")
        } else {
            write!(f, "\nto tell them apart: {}", said.join("; or "))
        }
    }

    fn fmt_misfits(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for misfit in self.misfits.iter().filter(|misfit| misfit.origin != Origin::Rival) {
            write!(f, "\n{misfit}")?;
        }
        if self.misfits.is_empty() {
            return Ok(());
        }
        let counts = self.counts().into_iter().map(|(subject, count)| format!("{subject} {count}"));
        let counts: Vec<_> = counts.collect();
        match self.fits[..] {
            [] => f.write_str("\nwhat they fail by: ")?,
            _ => write!(f, "\nwhat the {} others fail by: ", self.misfits.len())?,
        }
        f.write_str(&counts.join(", "))
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let origin = match self.origin {
            Origin::BuiltIn => "the built-in guess",
            Origin::Own => "the given layout",
            Origin::Rival => "the layout",
        };
        write!(
            f,
            "{origin} ({}) does not fit: capture {}",
            self.layout.summary(),
            self.capture + 1
        )?;
        if let Some(position) = self.position {
            write!(f, ", byte {position}")?;
        }
        write!(f, ": {}", self.check)
    }
}

impl fmt::Display for OpenQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Say(field) => write!(f, "say what the holder's {field} is"),
            Self::Template => f.write_str("say which template the decoder named"),
            Self::Vary(field) => {
                write!(f, "capture the code of another card, with another {field}")
            }
        }
    }
}

/// How many layouts that fit are shown to people. Not specified; chosen to fit on a screen.
const SHOWN: usize = 12;
