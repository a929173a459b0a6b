//! The mark of a terminal that a simulator holds.
//!
//! A link to a simulated module outlives a simulator that was killed. The system then gives the
//! terminal's number to the next program that wants a terminal, and the link leads to that one. So a
//! simulator marks its terminal with a name that ends with its process: a Unix socket in the
//! abstract namespace (unix(7)), which is no file and is never read.

use std::io;
use std::os::linux::fs::MetadataExt as _;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;

/// Whether a simulator holds the terminal to which this path leads.
///
/// It says nothing about terminals that are no pseudo-terminals, or that other programs hold.
#[must_use]
pub fn is_simulated(path: &Path) -> bool {
    let found = name(path).and_then(|name| UnixDatagram::unbound()?.connect_addr(&name));
    found.is_ok()
}

/// Marks the terminal at this path until the result is dropped.
pub(super) fn set(path: &Path) -> io::Result<UnixDatagram> {
    UnixDatagram::bind_addr(&name(path)?)
}

/// The name of the mark. The number of the file system tells containers apart that have terminals of
/// their own.
fn name(path: &Path) -> io::Result<SocketAddr> {
    let terminal = std::fs::metadata(path)?;
    let (system, number) = (terminal.st_dev(), terminal.st_rdev());
    SocketAddr::from_abstract_name(format!("m26-pay-sim/{system}/{number}"))
}
