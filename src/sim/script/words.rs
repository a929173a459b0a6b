//! Splits a line of a script into words.

use super::parse::ScriptReason;

/// The words of a line that are still to be read.
pub(super) struct Words(std::vec::IntoIter<Word>);

/// One word: its bytes, and whether it stood in quotes.
struct Word {
    bytes: Vec<u8>,
    quoted: bool,
}

impl Words {
    /// Takes a line apart, without its comment.
    pub(super) fn new(line: &str) -> Result<Self, ScriptReason> {
        let mut words = Vec::new();
        let mut rest = line.trim_start();
        while !rest.is_empty() && !rest.starts_with('#') {
            let (word, after) = match rest.strip_prefix('"') {
                Some(text) => quoted(text)?,
                None => bare(rest),
            };
            words.push(word);
            rest = after.trim_start();
        }
        Ok(Self(words.into_iter()))
    }

    /// The next word if it can be an order's own, without taking it.
    pub(super) fn peek(&self) -> Option<&str> {
        let word = self.0.as_slice().first().filter(|word| !word.quoted)?;
        std::str::from_utf8(&word.bytes).ok()
    }

    /// The next word, whatever it is.
    pub(super) fn bytes(&mut self, expected: &'static str) -> Result<Vec<u8>, ScriptReason> {
        match self.0.next() {
            Some(word) => Ok(word.bytes),
            None => Err(ScriptReason::Missing { expected }),
        }
    }

    /// The next word as text.
    pub(super) fn text(&mut self, expected: &'static str) -> Result<String, ScriptReason> {
        String::from_utf8(self.bytes(expected)?).map_err(|error| ScriptReason::Unexpected {
            expected,
            found: String::from_utf8_lossy(error.as_bytes()).into_owned(),
        })
    }

    /// How many words are left.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

fn bare(rest: &str) -> (Word, &str) {
    let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
    let (word, rest) = rest.split_at(end);
    (Word { bytes: word.as_bytes().to_vec(), quoted: false }, rest)
}

/// Text up to its closing quote.
fn quoted(text: &str) -> Result<(Word, &str), ScriptReason> {
    let mut bytes = Vec::new();
    let mut rest = text;
    loop {
        let mut chars = rest.chars();
        match chars.next().ok_or(ScriptReason::OpenQuote)? {
            '"' => {
                return Ok((Word { bytes, quoted: true }, chars.as_str()));
            }
            '\\' => {
                let escape = chars.next().ok_or(ScriptReason::OpenQuote)?;
                rest = chars.as_str();
                bytes.push(match escape {
                    'r' => b'\r',
                    'n' => b'\n',
                    '"' | '\\' => escape as u8,
                    'x' => {
                        let code = rest.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                        rest = rest.get(2..).unwrap_or_default();
                        code.ok_or(ScriptReason::Escape { escape })?
                    }
                    _ => return Err(ScriptReason::Escape { escape }),
                });
            }
            other => {
                bytes.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes());
                rest = chars.as_str();
            }
        }
    }
}
