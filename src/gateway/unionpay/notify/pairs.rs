//! Names and values as they came, in whatever form.

use percent_encoding::percent_decode_str;

use super::{Arrival, NoticeError};
use crate::gateway::json::members;

/// Names and values as they came.
pub(super) struct Pairs {
    pub(super) pairs: Vec<Pair>,
}

pub(super) struct Pair {
    pub(super) name: String,
    /// Where a raw `+` stands for itself.
    pub(super) value: String,
    /// Where a raw `+` stands for a blank, if that makes a difference.
    pub(super) spaced: Option<String>,
}

impl Pairs {
    pub(super) fn read(arrival: &Arrival<'_>) -> Result<Self, NoticeError> {
        let pairs = match *arrival {
            Arrival::Get { query } => form(query)?,
            Arrival::Post { content_type, body } => {
                let body = std::str::from_utf8(body)
                    .map_err(|_| NoticeError::NotRead("its body is not UTF-8"))?;
                let says_json = content_type.is_some_and(|it| it.contains("json"));
                match says_json || body.trim_start().starts_with('{') {
                    true => json(body)?,
                    false => form(body)?,
                }
            }
        };
        let mut names: Vec<&str> = pairs.iter().map(|pair| pair.name.trim()).collect();
        names.sort_unstable();
        if names.windows(2).any(|two| two[0] == two[1]) {
            return Err(NoticeError::NotRead(
                "a name comes twice, and nobody knows which was signed",
            ));
        }
        // The text that is signed is `a=1&b=2`, so a value with `&b=2` in it is signed by the same
        // signature as two values. None of UnionPay's has one.
        if pairs.iter().any(Pair::could_be_two) {
            return Err(NoticeError::NotRead(
                "a value could be two, and nobody knows which was signed",
            ));
        }
        Ok(Self { pairs })
    }
}

impl Pair {
    fn could_be_two(&self) -> bool {
        self.value.contains('&') || self.name.contains(['&', '='])
    }
}

fn form(text: &str) -> Result<Vec<Pair>, NoticeError> {
    let pieces = text.split('&').filter(|piece| !piece.is_empty());
    if pieces.clone().nth(MOST_PAIRS).is_some() {
        return Err(TOO_MANY);
    }
    pieces
        .map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            let spaced =
                value.contains('+').then(|| decode(&value.replace('+', " "))).transpose()?;
            Ok(Pair { name: decode(name)?, value: decode(value)?, spaced })
        })
        .collect()
}

fn decode(text: &str) -> Result<String, NoticeError> {
    let decoded = percent_decode_str(text).decode_utf8();
    decoded.map(String::from).map_err(|_| NoticeError::NotRead("a value is not UTF-8"))
}

fn json(text: &str) -> Result<Vec<Pair>, NoticeError> {
    let members = members(text).map_err(|_| NoticeError::NotRead("it is no JSON object"))?;
    if members.len() > MOST_PAIRS {
        return Err(TOO_MANY);
    }
    let pair = |(name, value): (String, &serde_json::value::RawValue)| {
        let json = value.get();
        let value = match json.as_bytes().first() {
            Some(b'"') => serde_json::from_str(json).ok(),
            Some(b'-' | b'0'..=b'9') => Some(json.to_owned()),
            _ if json == "null" => Some(String::new()),
            _ => None,
        };
        let value = value.ok_or(NoticeError::NotRead("a value is neither a text nor a number"))?;
        Ok(Pair { name, value, spaced: None })
    };
    members.into_iter().map(pair).collect()
}

/// Not specified; chosen because no notification has more than nine.
const MOST_PAIRS: usize = 64;

const TOO_MANY: NoticeError = NoticeError::NotRead("it has more values than any notification");
