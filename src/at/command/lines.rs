//! [`Lines`]: the information lines of an answer.

use std::fmt;
use std::iter::Chain;
use std::ops::Deref;
use std::{option, slice, vec};

use crate::at::line::Line;

/// The information lines of an answer, in the order in which they came. Most answers have one, which
/// stands in the value itself and asks for no memory.
///
/// ```
/// use m26_pay::at::command::Lines;
/// use m26_pay::at::line::Line;
///
/// let lines: Lines = [Line::new("+CSQ: 11,0")].into();
/// assert_eq!(lines.len(), 1);
/// assert_eq!(lines[0].as_bytes(), b"+CSQ: 11,0");
/// ```
#[derive(Clone, Default)]
pub struct Lines(Held);

#[derive(Clone, Default)]
enum Held {
    #[default]
    None,
    One(Line),
    Many(Vec<Line>),
}

impl Lines {
    /// No line.
    pub const NONE: Self = Self(Held::None);

    /// Adds a line behind the others.
    #[inline]
    pub fn push(&mut self, line: Line) {
        match &mut self.0 {
            Held::None => self.0 = Held::One(line),
            _ => self.push_further(line),
        }
    }

    #[cold]
    fn push_further(&mut self, line: Line) {
        match &mut self.0 {
            Held::Many(lines) => lines.push(line),
            held => {
                let mut lines = Vec::from_iter(Self(std::mem::take(held)));
                lines.push(line);
                *held = Held::Many(lines);
            }
        }
    }
}

impl Deref for Lines {
    type Target = [Line];

    #[inline]
    fn deref(&self) -> &[Line] {
        match &self.0 {
            Held::None => &[],
            Held::One(line) => slice::from_ref(line),
            Held::Many(lines) => lines,
        }
    }
}

impl From<Vec<Line>> for Lines {
    fn from(lines: Vec<Line>) -> Self {
        Self(Held::Many(lines))
    }
}

impl<const N: usize> From<[Line; N]> for Lines {
    fn from(lines: [Line; N]) -> Self {
        lines.into_iter().collect()
    }
}

impl FromIterator<Line> for Lines {
    fn from_iter<I: IntoIterator<Item = Line>>(iter: I) -> Self {
        let mut lines = Self::NONE;
        iter.into_iter().for_each(|line| lines.push(line));
        lines
    }
}

impl IntoIterator for Lines {
    type Item = Line;
    type IntoIter = Chain<option::IntoIter<Line>, vec::IntoIter<Line>>;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self.0 {
            Held::None => (None, Vec::new()),
            Held::One(line) => (Some(line), Vec::new()),
            Held::Many(lines) => (None, lines),
        };
        one.into_iter().chain(many)
    }
}

impl<'a> IntoIterator for &'a Lines {
    type Item = &'a Line;
    type IntoIter = slice::Iter<'a, Line>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Lines {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Lines {}

impl<const N: usize> PartialEq<[Line; N]> for Lines {
    fn eq(&self, other: &[Line; N]) -> bool {
        **self == *other
    }
}

/// Of each line no more than its prefix and length: the rest may be secret.
impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Lines {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn they_are_a_list(texts in prop::collection::vec("[a-z]{0,40}", 0..5), by in 0..5_usize) {
            let list: Vec<_> = texts.into_iter().map(Line::new).collect();
            let by = by.min(list.len());
            let mut grown = Lines::from(list[..by].to_vec());
            let mut other: Lines = list[..by].iter().cloned().collect();
            prop_assert_eq!(&grown, &other);
            for line in &list[by..] {
                grown.push(line.clone());
                other.push(line.clone());
            }
            prop_assert_eq!(&grown[..], &list[..]);
            prop_assert_eq!(&grown, &other);
            prop_assert_eq!(format!("{other:?}"), format!("{list:?}"));
            prop_assert_eq!(other.into_iter().collect::<Vec<_>>(), list);
        }
    }
}
