//! The users, and what they have agreed to.

use std::fmt;
use std::time::Instant;

use data_encoding::BASE64;

/// A user of UnionPay's app.
#[derive(Clone)]
pub struct UnionPayUser {
    /// Who it is to this app: 64 characters of base64.
    pub open_id: String,
    /// The number that the user logs in with, if there is one.
    pub mobile: Option<String>,
    /// The name.
    pub real_name: String,
    /// The kind of certificate: 01 identity card, 03 passport, 04 and 05 permits of travel.
    pub cert_tp: String,
    /// The certificate's number.
    pub cert_id: String,
    /// How many orders without a password are not finished (5.4.4).
    pub unfinished: u32,
}

impl UnionPayUser {
    /// A made-up user; another number is somebody else.
    pub fn sample(number: u8) -> Self {
        // It begins with `A+`, as the document's do: who turns + into a blank is found out.
        let mut bytes = [number; 48];
        bytes[..3].copy_from_slice(&[0x03, 0xef, 0xff]);
        Self {
            open_id: BASE64.encode(&bytes),
            mobile: Some(format!("138000000{number:02}")),
            real_name: format!("测试{number}"),
            cert_tp: "01".into(),
            cert_id: format!("35020019900101{number:04}"),
            unfinished: 0,
        }
    }
}

/// Nothing of the person.
impl fmt::Debug for UnionPayUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnionPayUser(redacted, {} unfinished orders)", self.unfinished)
    }
}

/// What a user has agreed to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Consent {
    /// Which user, by the place in the settings.
    pub(super) user: usize,
    pub(super) scope: &'static str,
    /// Whether the mobile was given along.
    pub(super) mobile: bool,
}

/// What was agreed to, by the code or the token that stands for it.
#[derive(Default)]
pub(super) struct Consents {
    entries: Vec<(String, Consent, Instant)>,
}

impl Consents {
    pub(super) fn add(&mut self, now: Instant, key: String, consent: Consent, until: Instant) {
        self.entries.retain(|(_, _, end)| now < *end);
        self.entries.push((key, consent, until));
    }

    pub(super) fn get(&self, now: Instant, key: &str) -> Option<Consent> {
        let found = self.entries.iter().find(|(it, _, until)| it == key && now < *until);
        found.map(|(_, consent, _)| *consent)
    }

    /// The same, which ends with it: a code works once.
    pub(super) fn take(&mut self, now: Instant, key: &str) -> Option<Consent> {
        let found = self.get(now, key)?;
        self.entries.retain(|(it, ..)| it != key);
        Some(found)
    }

    /// The user does not agree any more.
    pub(super) fn end(&mut self, user: usize) {
        self.entries.retain(|(_, consent, _)| consent.user != user);
    }
}

impl fmt::Debug for Consents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Consents({} redacted)", self.entries.len())
    }
}
