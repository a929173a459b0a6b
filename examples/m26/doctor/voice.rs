//! What is at the other end of a line, by what it answers to `AT`.

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Voice {
    /// Nobody.
    Silence,
    /// Something that speaks AT commands.
    Module,
    /// The line itself, or something that only repeats what it hears.
    Echo,
    /// The console of a computer: a login, a shell or a boot loader.
    Console,
    /// Something at another rate, or a bad line.
    Garbage,
    /// A receipt printer (ESC/POS).
    Printer,
    /// Somebody who writes text of another kind.
    Other,
}

impl Voice {
    /// Whose answer to `AT` this is.
    pub(super) fn of(heard: &[u8]) -> Self {
        let text = String::from_utf8_lossy(heard);
        let mut lines = text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
        if heard.is_empty() {
            Self::Silence
        } else if lines.clone().any(is_result) {
            Self::Module
        } else if lines.clone().all(|line| line == "AT") && lines.next().is_some() {
            Self::Echo
        } else if !is_text(heard) {
            Self::Garbage
        } else if is_console(&text) {
            Self::Console
        } else {
            Self::Other
        }
    }

    /// Whose answer to the printer's question this is: a byte with bits 1 and 4 set, and bits 0 and 7
    /// not set (ESC/POS, DLE EOT 1).
    pub(super) fn of_printer(heard: &[u8]) -> Self {
        match heard {
            [status] if status & 0b1001_0011 == 0b0001_0010 => Self::Printer,
            _ => Self::of(heard),
        }
    }
}

/// Whether the answer is there, so that nothing more is waited for.
pub(super) fn is_whole(heard: &[u8]) -> bool {
    Voice::of(heard) == Voice::Module
}

/// A final result of V.250, in words or in digits.
fn is_result(line: &str) -> bool {
    matches!(line, "OK" | "ERROR" | "0" | "4") || line.starts_with("+CME ERROR:")
}

/// Whether most of it is text.
fn is_text(heard: &[u8]) -> bool {
    let odd = |byte: &&u8| !matches!(byte, b'\t' | b'\n' | b'\r' | 0x1B | b' '..=b'~');
    heard.iter().filter(odd).count() * 4 < heard.len()
}

fn is_console(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    let end = text.trim_end();
    CONSOLE.iter().any(|word| text.contains(word)) || end.ends_with(['#', '$', '>', '%'])
}

const CONSOLE: [&str; 7] =
    ["login", "password", "not found", "sh:", "unknown command", "u-boot", "command not"];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_has_its_voice() {
        for (heard, voice) in [
            (&b""[..], Voice::Silence),
            (b"AT\r\r\nOK\r\n", Voice::Module),
            (b"\r\nRDY\r\n\r\nOK\r\n", Voice::Module),
            (b"AT\r0\r", Voice::Module),
            (b"\r\n+CME ERROR: 10\r\n", Voice::Module),
            (b"AT\r", Voice::Echo),
            (b"AT\rAT\r", Voice::Echo),
            (b"\r\nterminal login: ", Voice::Console),
            (b"AT\r\n-sh: AT: not found\r\n/ # ", Voice::Console),
            (b"AT\r\n=> ", Voice::Console),
            (b"\xf8\x00\xe3\x80A\xff", Voice::Garbage),
            (b"$GPGGA,123519,4807.038,N\r\n", Voice::Other),
        ] {
            assert_eq!(Voice::of(heard), voice, "{}", String::from_utf8_lossy(heard));
        }
        assert_eq!(Voice::of_printer(&[0x16]), Voice::Printer);
        assert_eq!(Voice::of_printer(b"\x10\x04\x01"), Voice::Garbage);
    }

    proptest! {
        #[test]
        fn nothing_that_is_heard_panics(heard in proptest::collection::vec(any::<u8>(), 0..99)) {
            Voice::of(&heard);
            Voice::of_printer(&heard);
        }
    }
}
