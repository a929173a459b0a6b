//! The command lines that a module hears, put together as a module does.

/// Collects bytes and hands out each command line as it is complete.
#[derive(Debug, Default)]
pub struct Ears {
    line: Vec<u8>,
}

impl Ears {
    /// Takes bytes from the host. `heard` gets every line from its `AT`, without its CR.
    pub fn hear(&mut self, bytes: &[u8], mut heard: impl FnMut(&[u8])) {
        for byte in bytes {
            match byte {
                b'\n' | 0 if self.line.is_empty() => {}
                b'\r' => {
                    let line = std::mem::take(&mut self.line);
                    if let Some(at) = line.windows(2).position(|two| two == b"AT" || two == b"at") {
                        heard(&line[at..]);
                    }
                }
                0x08 | 0x7f => {
                    self.line.pop();
                }
                _ => self.line.push(*byte),
            }
        }
    }

    /// Forgets what has begun, as a reset does.
    pub fn reset(&mut self) {
        self.line.clear();
    }
}
