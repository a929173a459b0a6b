//! The simulator's port as a port of the blocking client.

use std::io;
use std::time::{Duration, Instant};

use crate::blocking::{Interest, Port};
use crate::sim::Device;
use crate::sim::virtual_port::VirtualPort;

impl<D: Device> Port for VirtualPort<D> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        Self::read(self, buffer)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Self::write(self, bytes)
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        match interest {
            // There is always room.
            Interest::ReadOrWrite if !self.is_stuck() => Ok(self.has_input()),
            Interest::Read | Interest::ReadOrWrite => self.wait_for_input(timeout),
        }
    }

    fn now(&self) -> Instant {
        Self::now(self)
    }
}
