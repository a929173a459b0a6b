//! What stands in the place of an answer.

use std::fmt;

/// What a body is that is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoAnswer {
    /// A text in a charset that no gateway answers in.
    Charset,
    /// A JSON text that ends early.
    CutOff,
    /// Nothing.
    Empty,
    /// A page.
    Html,
    /// Something that is no JSON object.
    NotJson,
    /// Bytes that are not of the charset that the header names.
    NotText,
    /// The answer to another call.
    OtherCall,
    /// A redirect to another address, which was not followed.
    Redirect,
    /// A success under a status that says otherwise.
    Status,
    /// An object that says something twice, so that nobody knows which is meant.
    Twice,
}

impl NoAnswer {
    /// What a body is that is no answer, without showing it.
    pub(crate) fn instead_of_json(text: &str, error: &serde_json::Error) -> Self {
        match text.trim_start().as_bytes().first() {
            None => Self::Empty,
            Some(b'<') => Self::Html,
            Some(b'{') if error.is_eof() => Self::CutOff,
            Some(_) => Self::NotJson,
        }
    }
}

impl fmt::Display for NoAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Charset => "a text in a charset that is not expected",
            Self::CutOff => "the beginning of one",
            Self::Empty => "nothing",
            Self::Html => "an HTML page: something may be in between",
            Self::NotJson => "something that is no JSON object",
            Self::NotText => "bytes that are not of the charset that the header names",
            Self::OtherCall => "an answer to another call",
            Self::Redirect => "a redirect, which was not followed: something may be in between",
            Self::Status => "a success under a status of HTTP that says otherwise",
            Self::Twice => "an object that says the same thing twice",
        })
    }
}
