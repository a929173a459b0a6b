//! Whether a pseudo-terminal is what it was when its name was given.
//!
//! A pseudo-terminal is no module but a simulated one, or a line that a program such as socat makes.
//! Its number is given again when it is free, and then a name that was kept leads to the terminal of
//! somebody's shell, which would carry out what is sent to it.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use m26_pay::error::Error;
use m26_pay::sim::pty::is_simulated;

/// Makes sure that a path does not lead to a terminal that is somebody else's by now.
///
/// A path that cannot be looked at is not judged: opening it says what is wrong.
pub(crate) fn check(path: &str) -> Result<(), Error> {
    let Ok(terminal) = fs::canonicalize(path) else { return Ok(()) };
    let Ok(found) = fs::metadata(&terminal) else { return Ok(()) };
    if !terminal.starts_with("/dev/pts") || is_simulated(&terminal) {
        return Ok(());
    }
    let name = terminal.display();
    // The number as the kernel prints it has 32 bits (proc(5), tty_nr).
    if let Some((process, program)) = user_of(found.rdev() as u32) {
        return Err(refused(format!(
            "{path} is the terminal of {program} (process {process}) and not a serial port: name \
             another port"
        )));
    }
    let Ok(link) = fs::symlink_metadata(path) else { return Ok(()) };
    let made = (link.mtime(), link.mtime_nsec());
    if link.is_symlink() && made < (found.ctime(), found.ctime_nsec()) {
        return Err(refused(format!(
            "{path} is a link that is older than {name}, to which it leads: who made it has ended, \
             and the terminal is another program's; remove the link and start the simulator again"
        )));
    }
    Ok(())
}

fn refused(doing: String) -> Error {
    Error::Io { doing, source: io::ErrorKind::InvalidInput.into() }
}

/// A process of which this is the controlling terminal, and the name of its program.
fn user_of(terminal: u32) -> Option<(u32, String)> {
    fs::read_dir(Path::new("/proc")).ok()?.find_map(|entry| {
        let process: u32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
        let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
        // The name may hold blanks and brackets.
        let (head, fields) = text.rsplit_once(')')?;
        let found: i32 = fields.split_whitespace().nth(TTY_NR)?.parse().ok()?;
        let program = head.split_once('(').map_or("", |(_, name)| name);
        (found as u32 == terminal).then(|| (process, program.to_string()))
    })
}

/// Where proc(5) has the controlling terminal, counted from behind the name.
const TTY_NR: usize = 4;
