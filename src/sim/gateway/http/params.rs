//! Parameters of a request, wherever they stand.

use std::fmt;

use percent_encoding::percent_decode;

/// The parameters of a request, in any order, from the query and from the body, as bytes: which
/// charset they are in is one of them.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Params {
    /// Sorted by name.
    pairs: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Params {
    /// Reads `application/x-www-form-urlencoded` pieces and puts them together.
    ///
    /// # Errors
    ///
    /// If a name comes twice: no one knows which of the two was signed.
    pub fn read(pieces: &[&[u8]]) -> Result<Self, RepeatedParam> {
        let mut pairs = Vec::new();
        for pair in pieces.iter().flat_map(|piece| piece.split(|byte| *byte == b'&')) {
            if pair.is_empty() {
                continue;
            }
            let end = pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len());
            pairs.push((decode(&pair[..end]), decode(pair.get(end + 1..).unwrap_or_default())));
        }
        pairs.sort();
        match pairs.windows(2).find(|two| two[0].0 == two[1].0) {
            Some(two) => Err(RepeatedParam(String::from_utf8_lossy(&two[0].0).into_owned())),
            None => Ok(Self { pairs }),
        }
    }

    /// A parameter that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let value = self.pairs.iter().find(|(key, _)| key == name.as_bytes());
        value.map(|(_, value)| value.as_slice()).filter(|value| !value.is_empty())
    }

    /// The same, where it is ASCII text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Names and values in the order of the names' bytes.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|(name, value)| (name.as_slice(), value.as_slice()))
    }
}

/// Only the names.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(|(name, _)| String::from_utf8_lossy(name))).finish()
    }
}

/// A parameter with this name came twice.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the parameter '{0}' came twice")]
pub struct RepeatedParam(pub String);

fn decode(text: &[u8]) -> Vec<u8> {
    let spaced: Vec<u8> =
        text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_decode(&spaced).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn query_and_body_are_one() {
        let form =
            Params::read(&[b"method=a+b&sign=x%3D%2By", b"", b"c=%E7%B3%BB&empty="]).unwrap();
        assert_eq!(form.text("method"), Some("a b"));
        assert_eq!(form.text("sign"), Some("x=+y"));
        assert_eq!(form.get("c"), Some("系".as_bytes()));
        assert_eq!(form.get("empty"), None);
        let names: Vec<_> = form.iter().map(|(name, _)| name).collect();
        assert_eq!(names, [b"c".as_slice(), b"empty", b"method", b"sign"]);
    }

    #[test]
    fn a_value_keeps_what_is_an_equals_sign_in_it() {
        let form = Params::read(&[b"a=1=2&b", b"A=3"]).unwrap();
        assert_eq!((form.text("a"), form.get("b"), form.text("A")), (Some("1=2"), None, Some("3")));
    }

    #[test]
    fn nothing_comes_twice() {
        assert_eq!(Params::read(&[b"a=1", b"a=1"]), Err(RepeatedParam("a".into())));
    }
}
