//! `--bundle`: everything that helps whoever is asked for help, in one file without secrets.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};

use super::findings::Findings;
use crate::ports;
use crate::problem::Problem;
use crate::wall::wall;

/// The file, which is new.
pub(super) struct Bundle(File);

/// What passed on the line, kept until the end.
#[derive(Clone, Default)]
pub(super) struct Kept(Arc<Mutex<Vec<u8>>>);

impl Bundle {
    /// Makes the file, before anything else is done.
    pub(super) fn create(path: &Path) -> Result<Self, Problem> {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        file.map(Self).map_err(|error| {
            Problem::io(&format!("the bundle {} cannot be made", path.display()), &error)
        })
    }

    pub(super) fn write(
        mut self,
        path: &str,
        baud: u32,
        findings: &Findings,
        kept: &Kept,
    ) -> io::Result<()> {
        let recording = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        let real = fs::canonicalize(path);
        let real = real.as_deref().unwrap_or(Path::new(path));
        let adapter = ports::adapter_at(real).unwrap_or_else(|| "none that is known".into());
        let text = format!(
            "m26 doctor\n\ntool: m26-pay {}\nsystem: {}\ndate: {}\nport: {path} ({}), \
             {baud} baud\nadapter: {adapter}\n\nfindings:\n{findings}\n\nkernel:\n{}\n\nrecording, \
             secrets replaced:\n",
            env!("CARGO_PKG_VERSION"),
            system(),
            wall(),
            real.display(),
            kernel(real),
        );
        self.0.write_all(text.as_bytes())?;
        self.0.write_all(&recording)?;
        self.0.sync_all()
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The kernel's name and version.
fn system() -> String {
    let read = |name: &str| {
        let text = fs::read_to_string(format!("/proc/sys/kernel/{name}")).unwrap_or_default();
        text.trim().to_string()
    };
    format!("{} {} {}", read("ostype"), read("osrelease"), std::env::consts::ARCH)
}

/// What the kernel has said of the port, and of USB if the port is an adapter's.
fn kernel(port: &Path) -> String {
    let name = port.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = name.filter(|name| name.starts_with("tty"));
    let Some(name) = name else { return "it is no port of a device's".into() };
    let said = Command::new("dmesg").output().ok().filter(|output| output.status.success());
    let Some(said) = said else {
        return "not readable by this user: add what `sudo dmesg` says of the port".into();
    };
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let usb = name.starts_with("ttyUSB") || name.starts_with("ttyACM");
    let about = |line: &&str| line.contains(&name) || usb && line.contains("usb");
    let lines: Vec<_> = said.lines().filter(about).collect();
    match lines.len() {
        0 => format!("nothing of {name}"),
        count => lines[count.saturating_sub(LINES)..].join("\n"),
    }
}

/// How many of the kernel's lines are kept, the last ones.
const LINES: usize = 40;
