//! The pairs of a form that came.

use std::fmt;
use std::ops::Range;

use percent_encoding::percent_decode;

/// The pairs of a form that came, each name and value decoded once, as bytes: which charset they are
/// in is often told by one of them.
///
/// They are sorted by name, and no name comes twice.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pairs {
    /// All names and values.
    bytes: Vec<u8>,
    pairs: Vec<Pair>,
}

#[derive(Clone, PartialEq, Eq)]
struct Pair {
    name: Range<usize>,
    value: Range<usize>,
}

/// Only how many there are.
impl fmt::Debug for Pairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pairs([{}])", self.pairs.len())
    }
}

/// Why a body is no form of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadForm {
    /// It has more pairs than this.
    TooMany,
    /// A name comes twice: nobody knows which value is meant.
    Twice,
}

impl Pairs {
    /// Takes a body apart that has at most `limit` pairs. `+` is a blank, a `%` without two
    /// hexadecimal digits is a `%` (WHATWG URL, 5.1).
    pub(crate) fn read(body: &[u8], limit: usize) -> Result<Self, BadForm> {
        let mut blanks = body.to_vec();
        blanks.iter_mut().filter(|byte| **byte == b'+').for_each(|byte| *byte = b' ');
        let (mut bytes, mut pairs) = (Vec::with_capacity(body.len()), Vec::new());
        for pair in blanks.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if pairs.len() == limit {
                return Err(BadForm::TooMany);
            }
            let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            let mut decode = |part| {
                let start = bytes.len();
                bytes.extend(percent_decode(part));
                start..bytes.len()
            };
            let name = decode(&pair[..end]);
            let value = decode(pair.get(end + 1..).unwrap_or_default());
            pairs.push(Pair { name, value });
        }
        pairs
            .sort_unstable_by(|one, other| bytes[one.name.clone()].cmp(&bytes[other.name.clone()]));
        let twice = |two: &[Pair]| bytes[two[0].name.clone()] == bytes[two[1].name.clone()];
        if pairs.windows(2).any(twice) {
            return Err(BadForm::Twice);
        }
        Ok(Self { bytes, pairs })
    }

    /// A value, if its name is there.
    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        let of = |pair: &Pair| self.bytes[pair.name.clone()].cmp(name.as_bytes());
        let place = self.pairs.binary_search_by(of).ok()?;
        Some(&self.bytes[self.pairs[place].value.clone()])
    }

    /// Names and values, in the order of the names' bytes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let part = |range: &Range<usize>| &self.bytes[range.clone()];
        self.pairs.iter().map(move |pair| (part(&pair.name), part(&pair.value)))
    }

    /// How many bytes they have in all.
    pub(crate) fn length(&self) -> usize {
        self.bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::gateway::form::push;

    fn read(body: &str) -> Vec<(String, Vec<u8>)> {
        let pairs = Pairs::read(body.as_bytes(), 8).unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        pairs.iter().map(|(name, value)| (text(name), value.to_vec())).collect()
    }

    #[test]
    fn each_is_decoded_once_and_sorted() {
        let pair = |name: &str, value: &[u8]| (name.to_owned(), value.to_vec());
        assert_eq!(
            read("b=50%2525&&a=a%2Bb+c&B=1=2&e&=n&c=%D6%D0&d=100%%4"),
            [
                pair("", b"n"),
                pair("B", b"1=2"),
                pair("a", b"a+b c"),
                pair("b", b"50%25"),
                pair("c", b"\xd6\xd0"),
                pair("d", b"100%%4"),
                pair("e", b""),
            ]
        );
    }

    #[test]
    fn what_comes_twice_or_too_often_is_refused() {
        assert_eq!(Pairs::read(b"a=1&b=2&%61=1", 8), Err(BadForm::Twice));
        assert_eq!(Pairs::read(b"a=1&b=2&c=3", 2), Err(BadForm::TooMany));
    }

    proptest! {
        #[test]
        fn what_is_pushed_is_read(pairs in prop::collection::btree_map("[a-z_]{1,9}", any::<Vec<u8>>(), 0..9)) {
            let mut form = String::new();
            pairs.iter().for_each(|(name, value)| push(&mut form, name, value));
            let read = Pairs::read(form.as_bytes(), 9).unwrap();
            let read: Vec<_> = read.iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
            let wanted: Vec<_> =
                pairs.into_iter().map(|(name, value)| (name.into_bytes(), value)).collect();
            prop_assert_eq!(read, wanted);
        }

        #[test]
        fn any_body_is_read_in_its_own_room(body in any::<Vec<u8>>()) {
            let Ok(pairs) = Pairs::read(&body, 64) else { return Ok(()) };
            prop_assert!(pairs.length() <= body.len());
            for (name, value) in pairs.iter() {
                if let Ok(name) = std::str::from_utf8(name) {
                    prop_assert_eq!(pairs.get(name), Some(value));
                }
            }
        }
    }
}
