//! [`ReadMark`]: whether the module was restarted and nobody saw it.

use crate::at::command::{Command, DecodeError, InvalidCommand, Reply, Request};
use crate::at::profile::Profile;
use crate::m26::{ReadRegistration, Registration};

/// Asks for the registration for packet data, and whether the module reports changes of it.
///
/// The session switches these reports on (AT+CGREG=1), and a start of the module switches them off
/// (M26AT, tables 3 to 6). So the setting is a mark: if it is gone, the module was restarted, even
/// if no boot line and no echo showed it. AT+CMEE and AT+IPR cannot be marks: the session sets them
/// to their defaults.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadMark;

/// What [`ReadMark`] found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// The module reports changes.
    pub(super) is_there: bool,
    pub(super) gprs: Registration,
}

impl Command for ReadMark {
    type Response = Mark;

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        ReadRegistration::Gprs.request(profile)
    }

    fn decode(&self, reply: &Reply) -> Result<Mark, DecodeError> {
        let gprs = ReadRegistration::Gprs.decode(reply)?;
        let first = reply.parse_answer("+CGREG", |fields| {
            let level = fields.int::<u8>("n")?;
            fields.rest("stat")?;
            Ok(level)
        })?;
        Ok(Mark { is_there: first != 0, gprs })
    }
}
