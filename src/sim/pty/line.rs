//! The terminal itself, and the link that leads to it.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{OptionalActions, ioctl_tiocnxcl, tcgetattr, tcsetattr};

use super::leaving::Leaving;
use super::mark;

/// Both ends of a pseudo-terminal, or none while the line is dead.
#[derive(Debug)]
pub(super) struct Line {
    ends: Option<Ends>,
    name: PathBuf,
    link: Option<PathBuf>,
}

#[derive(Debug)]
struct Ends {
    /// Where it cannot be made, the link is judged by its age alone. It is the first to be dropped: the
    /// number of the terminal is given again as soon as its ends are closed, and who has it then may be a
    /// shell, or a simulator that could not mark it.
    _mark: Option<UnixDatagram>,
    module: OwnedFd,
    /// Held so that nothing is echoed before a client has set the terminal up, and so that a
    /// client's leaving is no hang-up.
    host: OwnedFd,
    leaving: Option<Leaving>,
}

impl Line {
    pub(super) fn open(link: Option<&Path>) -> io::Result<Self> {
        let mut line = Self { ends: None, name: PathBuf::new(), link: link.map(Path::to_path_buf) };
        line.restore()?;
        Ok(line)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.link.clone().unwrap_or_else(|| self.name.clone())
    }

    pub(super) fn terminal(&self) -> Option<BorrowedFd<'_>> {
        self.ends.as_ref().map(|ends| ends.module.as_fd())
    }

    /// What tells that a client has closed the terminal.
    pub(super) fn leaving(&self) -> Option<&Leaving> {
        self.ends.as_ref().and_then(|ends| ends.leaving.as_ref())
    }

    /// Closes both ends: a client gets an end of file or EIO. The link is gone before.
    pub(super) fn hang_up(&mut self) {
        if self.ends.is_some() {
            self.unlink();
            self.ends = None;
        }
    }

    /// Opens a terminal, unless there is one, and links to it.
    pub(super) fn restore(&mut self) -> io::Result<()> {
        if self.ends.is_some() {
            return Ok(());
        }
        let module = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
        // Not every system takes the flag when it opens a terminal.
        fcntl_setfd(&module, FdFlags::CLOEXEC)?;
        grantpt(&module)?;
        unlockpt(&module)?;
        rustix::io::ioctl_fionbio(&module, true)?;
        let name = ptsname(&module, Vec::new())?;
        self.name = PathBuf::from(OsString::from_vec(name.into_bytes()));
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        let host = rustix::fs::open(&self.name, flags, Mode::empty())?;
        let mut attributes = tcgetattr(&host)?;
        attributes.make_raw();
        tcsetattr(&host, OptionalActions::Now, &attributes)?;
        let (leaving, mark) = (Leaving::watch(&self.name), mark::set(&self.name).ok());
        self.make_link()?;
        self.ends = Some(Ends { _mark: mark, module, host, leaving });
        Ok(())
    }

    /// Ends a client's exclusive use of the terminal, which is held open here and would keep it after
    /// a client that was killed: nobody but root could open it again.
    pub(super) fn end_exclusive_use(&self) -> io::Result<()> {
        match &self.ends {
            Some(ends) => Ok(ioctl_tiocnxcl(&ends.host)?),
            None => Ok(()),
        }
    }

    /// Reads what the host has sent; 0 if there is nothing.
    pub(super) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(ends) = &self.ends else { return Ok(0) };
        match rustix::io::read(&ends.module, buffer) {
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            Err(error) => Err(error.into()),
            Ok(count) => Ok(count),
        }
    }

    /// Writes as much as the terminal takes now.
    pub(super) fn write(&self, pending: &mut VecDeque<u8>) -> io::Result<()> {
        let Some(ends) = &self.ends else {
            pending.clear();
            return Ok(());
        };
        while !pending.is_empty() {
            match rustix::io::write(&ends.module, pending.make_contiguous()) {
                Ok(count) => drop(pending.drain(..count)),
                Err(Errno::AGAIN) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// Replaces a link that an earlier run has left, and nothing else.
    fn make_link(&self) -> io::Result<()> {
        let Some(link) = &self.link else {
            return Ok(());
        };
        if let Ok(target) = fs::read_link(link) {
            if target != self.name && mark::is_simulated(&target) {
                let taken =
                    "another simulator has this link: stop that one, or choose another link";
                return Err(io::Error::new(io::ErrorKind::AddrInUse, taken));
            }
            if target.starts_with("/dev/pts") {
                fs::remove_file(link)?;
            }
        }
        symlink(&self.name, link)
    }

    fn unlink(&self) {
        if let Some(link) = &self.link {
            if fs::read_link(link).is_ok_and(|target| target == self.name) {
                // If it cannot be removed it dangles, and the next run replaces it.
                drop(fs::remove_file(link));
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.hang_up();
    }
}
