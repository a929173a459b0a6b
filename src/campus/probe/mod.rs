//! [`Probe`]: finds the layout of user data, with captured codes.
//!
//! The spec's tables are lost ([`layout`](super::layout)); captured user data can replace them. The
//! probe reads each capture by every layout that it knows, in every envelope. A layout fits if it makes
//! sense of all captures: every byte belongs to a field; `school_no` has ten digits, and is that of the
//! terminal, if that was given; `card_type` is at most 15; `student_no` is printable ASCII; the name
//! can be decoded; `extinfos` is empty; and everything agrees with what is known of the card's holder.
//!
//! The bytes alone do not tell two fields of one kind apart: `card_type` and `card_status`, or
//! `identify_id`, `student_no` and `student_name`. The probe also tries layouts in which such fields are
//! exchanged. So **without a card whose holder is known, more than one layout fits**, and the report
//! says what would tell them apart.
//!
//! ```
//! use m26_pay::campus::charset::Encoding;
//! use m26_pay::campus::field::CardType;
//! use m26_pay::campus::layout::{Card, Layout, LayoutStanding};
//! use m26_pay::campus::probe::{Capture, Holder, Probe, Conclusion};
//! use m26_pay::campus::template::Template;
//! use m26_pay::secret::Secret;
//!
//! let card = Card { card_type: CardType::new(3).unwrap(), ..Card::sample() };
//! let mut capture = Capture::new(Layout::TEMPLATE_5.encode(&card, Encoding::GB2312)?);
//! capture.template = Some(Template::FIVE);
//! let report = Probe::new().run(std::slice::from_ref(&capture));
//! assert!(matches!(report.conclusion(), Conclusion::Ambiguous(fits) if fits.len() == 8));
//!
//! capture.holder = Holder {
//!     card_type: Some(card.card_type),
//!     student_no: Some(Secret::new(card.student_no)),
//!     student_name: Some(Secret::new(card.student_name)),
//!     ..Holder::default()
//! };
//! let report = Probe::new().run(&[capture]);
//! let Conclusion::Found(found) = report.conclusion() else { panic!("{report}") };
//! assert_eq!(found, Layout::TEMPLATE_5.with_standing(LayoutStanding::Proven));
//! println!("{found}"); // the text of its file
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A zero byte may be a number or an empty Vars. So a `card_type` of 00 without an `identify_id` in
//! front of it looks like an empty `identify_id` with half a byte for the type. Capture several cards.

mod check;
mod compare;
mod report;
mod rivals;

use super::charset::Encoding;
use super::decoder::DecoderAnswer;
use super::field::{CardType, SchoolNo};
use super::layout::{Envelope, Layout, LayoutStanding};
use super::template::Template;
use crate::secret::Secret;

pub use check::Check;
pub use report::{Conclusion, Misfit, OpenQuestion, Origin, ProbeReport};
use rivals::rivals;

/// The user data that a decoder gave, what the decoder said about it, and what is known of the card.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Capture {
    /// The user data.
    pub user_data: Secret<Vec<u8>>,
    /// The template, if what the decoder said was kept.
    pub template: Option<Template>,
    /// The encoding of the name, if what the decoder said was kept. Without it, or if its number is not
    /// known, GB18030 and UTF-8 are both tried.
    pub encoding: Option<Encoding>,
    /// What is known of the card's holder.
    pub holder: Holder,
}

/// What is known of the holder of a card. Personal data prints as redacted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Holder {
    /// The number of the school.
    pub school_no: Option<SchoolNo>,
    /// The number of the electronic student card.
    pub identify_id: Option<Secret<String>>,
    /// The kind of the card.
    pub card_type: Option<CardType>,
    /// The student's number in the school.
    pub student_no: Option<Secret<String>>,
    /// The student's name. It is compared as it is [coded](super::charset::Charset).
    pub student_name: Option<Secret<String>>,
}

/// Finds the layout of captured user data.
#[derive(Clone, Debug)]
pub struct Probe {
    school_no: Option<SchoolNo>,
    own: Vec<Layout>,
    /// Whether more layouts are tried than the caller's own.
    rivals: bool,
}

impl Probe {
    /// A probe with the layouts that this crate knows.
    #[must_use]
    pub fn new() -> Self {
        Self { school_no: None, own: Vec::new(), rivals: true }
    }

    /// A probe with only these layouts, unchanged.
    #[must_use]
    pub fn of(layouts: impl IntoIterator<Item = Layout>) -> Self {
        Self { school_no: None, own: layouts.into_iter().collect(), rivals: false }
    }

    /// Sets the school of the terminal: every captured card belongs to it.
    #[must_use]
    pub fn school_no(self, school_no: SchoolNo) -> Self {
        Self { school_no: Some(school_no), ..self }
    }

    /// Adds a layout of the caller's own. It is tried in every envelope, if the others are.
    #[must_use]
    pub fn layout(mut self, layout: Layout) -> Self {
        self.own.push(layout);
        self
    }

    /// Tries every layout on these captures, which must be of one template.
    ///
    /// If no capture says of which one, the layouts for templates 4 and 5 are tried.
    #[must_use]
    pub fn run(&self, captures: &[Capture]) -> ProbeReport {
        let candidates = self.candidates(captures);
        let mut fits = Vec::new();
        let mut misfits = Vec::new();
        for (layout, origin) in candidates {
            let wrong = captures.iter().enumerate().find_map(|(index, capture)| {
                let (check, position) = check::check(&layout, capture, self.school_no).err()?;
                Some(Misfit { layout, origin, capture: index, check, position })
            });
            match wrong {
                Some(misfit) => misfits.push(misfit),
                None => fits.push(layout),
            }
        }
        let (settled, open) = compare::compare(&fits, captures, self.school_no);
        ProbeReport { captures: captures.len(), fits, misfits, settled, open }
    }

    /// The layouts to try: first the built-in one, because it is the most likely, and none twice.
    fn candidates(&self, captures: &[Capture]) -> Vec<(Layout, Origin)> {
        if !self.rivals {
            return self.own.iter().map(|own| (*own, Origin::Own)).collect();
        }
        let mut templates: Vec<_> =
            captures.iter().filter_map(|capture| capture.template).collect();
        templates.sort_unstable();
        templates.dedup();
        if templates.is_empty() {
            templates = vec![Template::FIVE, Template::FOUR];
        }
        let built_in = [Layout::TEMPLATE_5, Layout::TEMPLATE_4]
            .into_iter()
            .filter(|layout| templates.contains(&layout.template()));
        let mut candidates: Vec<(Layout, Origin)> =
            built_in.map(|layout| (layout, Origin::BuiltIn)).collect();
        for own in &self.own {
            let own = own.with_standing(LayoutStanding::Provisional);
            let others = Envelope::ALL.into_iter().filter(|other| *other != own.envelope());
            let others = others.map(|envelope| (own.with_envelope(envelope), Origin::Rival));
            for candidate in [(own, Origin::Own)].into_iter().chain(others) {
                if candidates.iter().all(|(known, _)| *known != candidate.0) {
                    candidates.push(candidate);
                }
            }
        }
        let first = candidates.clone();
        let others = templates.into_iter().flat_map(rivals);
        let others = others.filter(|rival| first.iter().all(|(known, _)| known != rival));
        candidates.extend(others.map(|rival| (rival, Origin::Rival)));
        candidates
    }
}

impl Default for Probe {
    fn default() -> Self {
        Self::new()
    }
}

impl Capture {
    /// User data of which nothing is known.
    #[must_use]
    pub fn new(user_data: impl Into<Vec<u8>>) -> Self {
        Self {
            user_data: Secret::new(user_data.into()),
            template: None,
            encoding: None,
            holder: Holder::default(),
        }
    }
}

impl From<&DecoderAnswer> for Capture {
    /// What a decoder gave; nothing is known of the holder.
    fn from(answer: &DecoderAnswer) -> Self {
        Self {
            template: Some(answer.template),
            encoding: Some(answer.data_encode_type),
            ..Self::new(answer.user_data.expose().clone())
        }
    }
}
