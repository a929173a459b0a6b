//! A command without its type, so that what sends commands is there once and not for each of them.

use m26_pay::at::command::{Command, DecodeError, InvalidCommand, KnownDevice, Reply, Request};
use m26_pay::at::profile::Profile;

/// A command whose answer goes where it belongs once it is read, which is the last that a call does.
pub(crate) trait Ask {
    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand>;

    fn take(&self, reply: &Reply, device: KnownDevice<'_>) -> Result<(), DecodeError>;
}

/// A command, and what takes its answer.
pub(crate) struct Asked<C, F> {
    pub(crate) command: C,
    pub(crate) taken: F,
}

impl<C: Command, F: Fn(C::Response)> Ask for Asked<C, F> {
    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        self.command.request(profile)
    }

    fn take(&self, reply: &Reply, device: KnownDevice<'_>) -> Result<(), DecodeError> {
        (self.taken)(self.command.decode_from(reply, device)?);
        Ok(())
    }
}

impl Command for dyn Ask + '_ {
    type Response = ();

    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        Ask::request(self, profile)
    }

    fn decode(&self, reply: &Reply) -> Result<(), DecodeError> {
        self.take(reply, KnownDevice::default())
    }

    fn decode_from(&self, reply: &Reply, device: KnownDevice<'_>) -> Result<(), DecodeError> {
        self.take(reply, device)
    }
}
