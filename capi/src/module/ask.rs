//! A command without its type, so that what sends commands is there once and not for each of them.

use std::cell::Cell;

use m26_pay::at::command::{Command, DecodeError, InvalidCommand, KnownDevice, Reply, Request};
use m26_pay::at::profile::Profile;

use crate::failure::Failure;

/// A command that keeps its answer.
pub(crate) trait Ask {
    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand>;

    fn take(&self, reply: &Reply, device: KnownDevice<'_>) -> Result<(), DecodeError>;
}

/// A command, and its answer once it is there.
pub(crate) struct Asked<C: Command> {
    command: C,
    answer: Cell<Option<C::Response>>,
}

impl<C: Command> Asked<C> {
    pub(crate) fn new(command: C) -> Self {
        Self { command, answer: Cell::new(None) }
    }

    /// The answer to a command that succeeded.
    pub(crate) fn answer(self) -> Result<C::Response, Failure> {
        self.answer.into_inner().ok_or_else(Failure::panicked)
    }
}

impl<C: Command> Ask for Asked<C> {
    fn request(&self, profile: &Profile) -> Result<Request, InvalidCommand> {
        self.command.request(profile)
    }

    fn take(&self, reply: &Reply, device: KnownDevice<'_>) -> Result<(), DecodeError> {
        self.answer.set(Some(self.command.decode_from(reply, device)?));
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
