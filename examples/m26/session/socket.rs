//! A Unix socket that is its owner's alone.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use m26_pay::engine::Certainty;
use m26_pay::error::ErrorKind;
use rustix::fs::{FlockOperation, Mode, flock};
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, Shutdown, SocketAddrUnix, SocketFlags, SocketType, connect, shutdown,
    socket_with,
};
use rustix::process::umask;

use crate::problem::Problem;

/// A socket that clients connect to. Dropped, it is removed.
pub(super) struct Socket {
    listener: UnixListener,
    path: PathBuf,
    /// What its path leads to as long as nobody has put something else there.
    id: (u64, u64),
}

impl Socket {
    /// Makes it. One that a session has left behind is replaced; one that somebody listens at, and
    /// anything else, is left as it is.
    ///
    /// While it is made, the process must have no other thread that makes files.
    pub(super) fn bind(path: &Path) -> Result<Self, Problem> {
        let failed = |error: io::Error| cannot(path, &error);
        let folder = match path.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        // Of two sessions that find the same socket left behind, one is first.
        let folder = File::open(folder).map_err(failed)?;
        lock(&folder).map_err(failed)?;
        match path.symlink_metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
            Ok(found) if !found.file_type().is_socket() => {
                return Err(refused(path, "is there and is no socket, so it is left as it is"));
            }
            Ok(_) => match listens(path) {
                Ok(true) => {
                    return Err(refused(path, "is in use: a program listens there"));
                }
                Ok(false) => fs::remove_file(path).map_err(failed)?,
                Err(error) => return Err(failed(error)),
            },
        }
        // From its first moment on nobody else may connect: who may write to it.
        let before = umask(Mode::RWXG | Mode::RWXO | Mode::XUSR);
        let bound = UnixListener::bind(path);
        umask(before);
        let listener = bound.map_err(failed)?;
        let id = path.symlink_metadata().as_ref().map(id).map_err(|error| cannot(path, error))?;
        Ok(Self { listener, path: path.to_owned(), id })
    }

    /// The next client.
    pub(super) fn accept(&self) -> io::Result<UnixStream> {
        self.listener.accept().map(|(stream, _)| stream)
    }

    /// Takes no more clients: [`accept`](Self::accept) fails.
    pub(super) fn close(&self) {
        // There is nothing that could fail: it is a socket.
        let _ = shutdown(&self.listener, Shutdown::Both);
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        let found = self.path.symlink_metadata();
        if found.is_ok_and(|found| id(&found) == self.id) {
            drop(fs::remove_file(&self.path));
        }
    }
}

fn id(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

/// Whether a program listens at the socket. It is not waited for one whose queue is full.
fn listens(path: &Path) -> io::Result<bool> {
    let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None)?;
    match connect(&socket, &SocketAddrUnix::new(path)?) {
        Ok(()) | Err(Errno::AGAIN | Errno::INPROGRESS) => Ok(true),
        Err(Errno::CONNREFUSED) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Locks a folder against other sessions that begin.
#[allow(clippy::disallowed_methods, reason = "another session has it for a moment only")]
fn lock(folder: &File) -> io::Result<()> {
    for _ in 0..TRIES {
        match flock(folder, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => thread::sleep(PAUSE),
            locked => return Ok(locked?),
        }
    }
    Err(io::Error::new(io::ErrorKind::TimedOut, "another program has locked its folder"))
}

fn cannot(path: &Path, error: &io::Error) -> Problem {
    Problem::io(&format!("the socket {} cannot be made", path.display()), error)
}

fn refused(path: &Path, why: &str) -> Problem {
    let message = format!("the socket {0} cannot be made: {0} {why}", path.display());
    Problem::new(ErrorKind::Io, Certainty::NotSent, message)
}

/// Together two seconds.
const TRIES: u32 = 200;
const PAUSE: Duration = Duration::from_millis(10);
