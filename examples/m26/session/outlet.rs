//! Where a client's answers go, and what happens. Nobody waits for a client that does not read.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use m26_pay::session::SessionEvent;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{SendFlags, send};

use super::stop::Stop;
use super::{events, lock};
use crate::jobs::Outcome;
use crate::screen::{Screen, Shown, note};

/// Where a client's answers go.
///
/// What can be written at once is written by whoever has it. The rest is kept and written by a thread
/// that is there as long as anything is. An event for which there is no room is not kept, and the
/// client is told how many there were.
pub(super) struct Outlet {
    screen: Screen,
    to: Sink,
    stop: Option<Arc<Stop>>,
    backlog: Mutex<Backlog>,
    changed: Condvar,
}

enum Sink {
    Socket(UnixStream),
    Stdout,
}

#[derive(Default)]
struct Backlog {
    bytes: VecDeque<u8>,
    /// How many events had no room.
    missed: u64,
    /// Whether there is a thread that writes.
    writing: bool,
    /// Nobody reads any more.
    gone: bool,
    /// Why nothing can be written.
    failure: Option<io::Error>,
}

impl Backlog {
    fn is_full(&self) -> bool {
        self.bytes.len() >= ROOM && !self.gone
    }
}

impl Outlet {
    /// Where nobody reads it any more, the session is stopped, if it is given.
    pub(super) fn stdout(screen: Screen, stop: Option<Arc<Stop>>) -> Self {
        Self::new(screen, Sink::Stdout, stop)
    }

    pub(super) fn socket(screen: Screen, stream: UnixStream) -> Self {
        Self::new(screen, Sink::Socket(stream), None)
    }

    fn new(screen: Screen, to: Sink, stop: Option<Arc<Stop>>) -> Self {
        Self { screen, to, stop, backlog: Mutex::default(), changed: Condvar::new() }
    }

    pub(super) fn is_json(&self) -> bool {
        self.screen.json
    }

    /// Shows an event, if there is room for it.
    pub(super) fn event(self: &Arc<Self>, event: &SessionEvent) {
        let Some(shown) = events::shown(event, self.screen) else { return };
        let mut backlog = lock(&self.backlog);
        if backlog.is_full() {
            backlog.missed += 1;
            return;
        }
        self.tell_missed(&mut backlog);
        self.push(&mut backlog, shown);
    }

    /// Shows the answer to a command. There is always room for it: before the next command, wait for
    /// [room](Self::wait_for_room).
    pub(super) fn answer(self: &Arc<Self>, name: &str, outcome: &Outcome) {
        let shown = match outcome {
            Ok(answer) => self.screen.of_answer(name, answer),
            Err(problem) => self.screen.of_problem(Some(name), problem),
        };
        let mut backlog = lock(&self.backlog);
        // They happened before the answer, and may be the last that happens.
        self.tell_missed(&mut backlog);
        self.push(&mut backlog, shown);
    }

    pub(super) fn is_full(&self) -> bool {
        lock(&self.backlog).is_full()
    }

    /// Waits until another answer has room, or nobody reads any more.
    pub(super) fn wait_for_room(&self) {
        let waited = self.changed.wait_while(lock(&self.backlog), |backlog| backlog.is_full());
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    /// Waits until everything is written. Why something could not be, if so.
    pub(super) fn finish(&self) -> io::Result<()> {
        let busy = |backlog: &mut Backlog| backlog.writing && !backlog.gone;
        let waited = self.changed.wait_while(lock(&self.backlog), busy);
        let mut backlog = waited.unwrap_or_else(PoisonError::into_inner);
        backlog.failure.take().map_or(Ok(()), Err)
    }

    /// Writes no more.
    pub(super) fn close(&self) {
        lock(&self.backlog).gone = true;
        self.changed.notify_all();
        if let Sink::Socket(stream) = &self.to {
            // Who writes to it, or waits for it, does so no longer.
            drop(stream.shutdown(Shutdown::Both));
        }
    }

    /// Reads no more commands. What is under way is answered.
    pub(super) fn close_input(&self) {
        if let Sink::Socket(stream) = &self.to {
            drop(stream.shutdown(Shutdown::Read));
        }
    }

    /// Whether the client has closed its end. One that only writes no more still reads.
    pub(super) fn is_gone(&self) -> bool {
        let hung_up = match &self.to {
            Sink::Socket(stream) => {
                let mut look = [PollFd::new(stream, PollFlags::empty())];
                let looked = poll(&mut look, Some(&Timespec::default()));
                looked.is_ok() && look[0].revents().intersects(PollFlags::HUP | PollFlags::ERR)
            }
            Sink::Stdout => false,
        };
        hung_up || lock(&self.backlog).gone
    }

    fn tell_missed(self: &Arc<Self>, backlog: &mut Backlog) {
        let missed = std::mem::take(&mut backlog.missed);
        if missed > 0 {
            self.push(backlog, events::missed(missed, self.screen));
        }
    }

    fn push(self: &Arc<Self>, backlog: &mut Backlog, shown: Shown) {
        let mut line = match shown {
            Shown::Line(line) => line,
            Shown::Note(text) => return note(&text),
        };
        line.push('\n');
        if backlog.gone {
            return;
        }
        let mut rest = line.as_bytes();
        while backlog.bytes.is_empty() && !rest.is_empty() {
            match self.to.write_now(rest) {
                Ok(0) => break,
                Ok(written) => rest = &rest[written..],
                Err(error) => return self.fail(backlog, error),
            }
        }
        backlog.bytes.extend(rest);
        if !backlog.bytes.is_empty() && !backlog.writing {
            let outlet = Arc::clone(self);
            match thread::Builder::new().spawn(move || outlet.write_all()) {
                Ok(_) => backlog.writing = true,
                Err(error) => self.fail(backlog, error),
            }
        }
    }

    /// Writes until nothing is left. What had no room is told as soon as there is room for that.
    fn write_all(self: &Arc<Self>) {
        loop {
            let mut backlog = lock(&self.backlog);
            if !backlog.is_full() {
                self.tell_missed(&mut backlog);
            }
            if backlog.bytes.is_empty() || backlog.gone {
                backlog.bytes = VecDeque::new();
                backlog.writing = false;
                self.changed.notify_all();
                return;
            }
            let piece: Vec<u8> = backlog.bytes.iter().take(PIECE).copied().collect();
            drop(backlog);
            let written = self.to.write(&piece);
            let mut backlog = lock(&self.backlog);
            match written {
                Ok(()) => drop(backlog.bytes.drain(..piece.len())),
                Err(error) => self.fail(&mut backlog, error),
            }
            self.changed.notify_all();
        }
    }

    fn fail(&self, backlog: &mut Backlog, error: io::Error) {
        backlog.gone = true;
        backlog.failure = Some(error);
        self.changed.notify_all();
        if let Some(stop) = &self.stop {
            stop.stop();
        }
    }
}

impl Sink {
    /// Writes what can be written without waiting.
    fn write_now(&self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Socket(stream) => {
                match send(stream, bytes, SendFlags::DONTWAIT | SendFlags::NOSIGNAL) {
                    Ok(written) => Ok(written),
                    Err(Errno::AGAIN | Errno::INTR) => Ok(0),
                    Err(error) => Err(error.into()),
                }
            }
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                let mut look = [PollFd::new(&stdout, PollFlags::OUT)];
                if poll(&mut look, Some(&Timespec::default())).unwrap_or(0) == 0 {
                    return Ok(0);
                }
                let piece = &bytes[..bytes.len().min(PIECE)];
                stdout.write_all(piece)?;
                stdout.flush()?;
                Ok(piece.len())
            }
        }
    }

    fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Socket(stream) => (&*stream).write_all(bytes),
            Self::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(bytes)?;
                stdout.flush()
            }
        }
    }
}

/// How much is kept for a client that does not read, beyond what the system keeps.
///
/// Not specified; chosen because it is some hundred events, and with every client that can be it is
/// 8 MiB.
const ROOM: usize = 64 * 1024;

/// As much as a pipe takes without waiting when it says that it takes anything: `PIPE_BUF` of
/// pipe(7).
const PIECE: usize = 4096;
