//! What a caller or a port may do to the blocking client without making it wait for ever, fill up
//! or take one answer for another.

use std::io;
use std::time::{Duration, Instant};

use m26_pay::blocking::{Client, Interest, Port};
use m26_pay::engine::Settings;
use m26_pay::error::ErrorKind;
use m26_pay::m26::basic::At;

/// A port that says that it wrote nothing, and why not it does not say.
struct Full(Instant);

impl Port for Full {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(io::ErrorKind::WouldBlock.into())
    }

    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Ok(0)
    }

    fn wait(&mut self, _: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        self.0 += timeout.unwrap_or_default();
        Ok(false)
    }

    fn now(&self) -> Instant {
        self.0
    }
}

#[test]
fn a_port_that_writes_nothing_is_gone() {
    #[expect(clippy::disallowed_methods, reason = "virtual time has to begin somewhere")]
    let mut client = Client::new(Full(Instant::now()), Settings::default());
    assert_eq!(client.send(&At).unwrap_err().kind(), ErrorKind::Disconnected);
}
