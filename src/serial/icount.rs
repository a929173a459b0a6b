//! The counters that Linux keeps of a serial port's input: `ioctl` TIOCGICOUNT.
//!
//! This is the crate's only `unsafe` code outside `campus::vendor`: rustix, nix, serialport and
//! tokio-serial have no safe function for it (looked for on 2026-11-30).

use std::os::fd::AsFd;

use rustix::ioctl::{Getter, Opcode, ioctl};

use crate::engine::InputErrors;

/// The counters of the driver since it found the port. `None` if it keeps none, as that of a
/// pseudo-terminal.
pub(crate) fn input_errors(port: impl AsFd) -> Option<InputErrors> {
    if !cfg!(target_os = "linux") {
        return None;
    }
    let counted = read(port).ok()?;
    Some(InputErrors {
        overrun: counted.overrun,
        buf_overrun: counted.buf_overrun,
        frame: counted.frame,
        parity: counted.parity,
        brk: counted.brk,
    })
}

#[allow(unsafe_code, reason = "no crate has a safe function for this ioctl")]
fn read(port: impl AsFd) -> rustix::io::Result<SerialIcounter> {
    // SAFETY: for TIOCGICOUNT Linux writes one `struct serial_icounter_struct` (`tty_tiocgicount` in
    // drivers/tty/tty_io.c), which `SerialIcounter` is, and any bits are a value of it. A device that
    // is no terminal never gets here: the port was opened as one.
    let counters = unsafe { Getter::<TIOCGICOUNT, SerialIcounter>::new() };
    // SAFETY: the pattern is that of the operation, as said above.
    unsafe { ioctl(port, counters) }
}

/// `struct serial_icounter_struct` of `linux/serial.h`.
#[repr(C)]
struct SerialIcounter {
    _modem_lines: [u32; 4],
    _bytes: [u32; 2],
    frame: u32,
    overrun: u32,
    parity: u32,
    brk: u32,
    buf_overrun: u32,
    _reserved: [u32; 9],
}

const _: () = assert!(size_of::<SerialIcounter>() == 80, "the struct of Linux has 20 int");

/// `asm-generic/ioctls.h`; MIPS has numbers of its own (`arch/mips/include/uapi/asm/ioctls.h`).
const TIOCGICOUNT: Opcode =
    if cfg!(any(target_arch = "mips", target_arch = "mips64")) { 0x5492 } else { 0x545d };
