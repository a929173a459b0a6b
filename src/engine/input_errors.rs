//! [`InputErrors`]: bytes from the module that were lost or damaged on their way.

use std::fmt;

/// How often bytes from the module were lost or damaged on their way, as the driver of the port has
/// counted it.
///
/// The engine does not count: the driver of a port does, and tells what is new as
/// [`Event::InputErrors`](super::Event::InputErrors). The names are those of Linux
/// (`struct serial_icounter_struct`, `linux/serial.h`), whose counters begin again at 0 after 2³².
///
/// ```
/// use m26_pay::engine::InputErrors;
///
/// let before = InputErrors { overrun: u32::MAX, ..InputErrors::default() };
/// let now = InputErrors { overrun: 1, frame: 3, ..InputErrors::default() };
/// let new = now.since(before);
/// assert_eq!(new.to_string(), "overrun 2, frame 3");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct InputErrors {
    /// The chip had no room for a byte: the host did not fetch the earlier ones in time.
    pub overrun: u32,
    /// The kernel had no room for bytes: the program did not read the earlier ones in time.
    pub buf_overrun: u32,
    /// A byte did not end as it must: noise, or another baud rate.
    pub frame: u32,
    /// A byte with a wrong parity bit. There is none at 8N1.
    pub parity: u32,
    /// The line was low for longer than a byte: the module has no power, or nothing is connected.
    pub brk: u32,
}

impl InputErrors {
    /// What was counted since `earlier`.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        self.with(earlier, u32::wrapping_sub)
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.with(other, u32::saturating_add)
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    fn with(self, other: Self, of: fn(u32, u32) -> u32) -> Self {
        Self {
            overrun: of(self.overrun, other.overrun),
            buf_overrun: of(self.buf_overrun, other.buf_overrun),
            frame: of(self.frame, other.frame),
            parity: of(self.parity, other.parity),
            brk: of(self.brk, other.brk),
        }
    }
}

/// Those that are not 0.
impl fmt::Display for InputErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counted = [
            ("overrun", self.overrun),
            ("buf_overrun", self.buf_overrun),
            ("frame", self.frame),
            ("parity", self.parity),
            ("brk", self.brk),
        ];
        let mut between = "";
        for (name, count) in counted.into_iter().filter(|(_, count)| *count > 0) {
            write!(f, "{between}{name} {count}")?;
            between = ", ";
        }
        if between.is_empty() { f.write_str("none") } else { Ok(()) }
    }
}
