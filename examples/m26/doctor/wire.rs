//! The port as the doctor uses it: whatever passes is recorded, and nothing is taken for granted of
//! who is at the other end.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::{Duration, Instant};

use m26_pay::blocking::{Interest, Port, SerialPort};
use m26_pay::engine::InputErrors;
use m26_pay::error::Error;
use m26_pay::serial::SerialSettings;
use m26_pay::transcript::{Direction, Recorder};

/// A port whose traffic is recorded.
pub(super) struct Wire {
    port: SerialPort,
    recorder: Recorder,
    /// From then on the port counts as lost: a device that is no module must not hold the doctor up.
    until: Option<Instant>,
}

impl Wire {
    pub(super) fn new(port: SerialPort, recorder: Recorder) -> Self {
        Self { port, recorder, until: None }
    }

    /// The same, for so long.
    pub(super) fn within(self, time: Duration) -> Self {
        Self { until: now().checked_add(time), ..self }
    }

    /// So much of the time to wait, if there is time left.
    fn in_time(&self, timeout: Option<Duration>) -> io::Result<Option<Duration>> {
        let Some(until) = self.until else { return Ok(timeout) };
        let left = until.saturating_duration_since(now());
        match left.is_zero() {
            true => Err(io::Error::new(io::ErrorKind::TimedOut, "the doctor's time is over")),
            false => Ok(Some(timeout.map_or(left, |timeout| timeout.min(left)))),
        }
    }

    /// The same at another rate.
    pub(super) fn at_rate(self, path: &str, baud: u32) -> Result<Self, Error> {
        let Self { port, recorder, until } = self;
        drop(port);
        let patience = now() + REOPEN;
        loop {
            match SerialPort::open(path, &SerialSettings { baud }) {
                Ok(port) => return Ok(Self { port, recorder, until }),
                // Who made a pseudo-terminal may not have noticed yet that it was closed.
                Err(Error::Io { source, .. })
                    if source.kind() == io::ErrorKind::ResourceBusy && now() < patience => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends something and gives what comes back: until `is_whole`, or for so long.
    pub(super) fn call(
        &mut self,
        bytes: &[u8],
        wait: Duration,
        is_whole: impl Fn(&[u8]) -> bool,
    ) -> io::Result<Vec<u8>> {
        let mut heard = Vec::new();
        // What was there before is no answer.
        self.collect(&mut heard)?;
        heard.clear();
        self.send_all(bytes)?;
        let until = now() + wait;
        loop {
            self.collect(&mut heard)?;
            let left = until.saturating_duration_since(now());
            if is_whole(&heard) || left.is_zero() || heard.len() > ENOUGH {
                return Ok(heard);
            }
            self.port.wait(Interest::Read, Some(left))?;
        }
    }

    fn collect(&mut self, heard: &mut Vec<u8>) -> io::Result<()> {
        let mut buffer = [0; 512];
        while heard.len() <= ENOUGH {
            match self.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(count) => heard.extend(&buffer[..count]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn send_all(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        let until = now() + WRITE;
        while !bytes.is_empty() && now() < until {
            match self.write(bytes) {
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.port.wait(Interest::ReadOrWrite, Some(WRITE))?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Port for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.in_time(None)?;
        let count = self.port.read(buffer)?;
        self.recorder.record(now(), Direction::FromModule, &buffer[..count]);
        Ok(count)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.port.write(bytes)?;
        self.recorder.record(now(), Direction::ToModule, &bytes[..count]);
        Ok(count)
    }

    fn wait(&mut self, interest: Interest, timeout: Option<Duration>) -> io::Result<bool> {
        let timeout = self.in_time(timeout)?;
        self.port.wait(interest, timeout)
    }

    fn wait_or_wake(
        &mut self,
        interest: Interest,
        timeout: Option<Duration>,
        wake: BorrowedFd<'_>,
    ) -> io::Result<bool> {
        let timeout = self.in_time(timeout)?;
        self.port.wait_or_wake(interest, timeout, wake)
    }

    fn now(&self) -> Instant {
        self.port.now()
    }

    fn input_errors(&self) -> Option<InputErrors> {
        self.port.input_errors()
    }
}

#[allow(clippy::disallowed_methods, reason = "the tool waits in real time")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Not specified; chosen more than any answer has that the doctor asks for.
const ENOUGH: usize = 4096;

/// How long it is tried to send a few bytes, and to open a port again.
const WRITE: Duration = Duration::from_millis(500);
const REOPEN: Duration = Duration::from_secs(1);
