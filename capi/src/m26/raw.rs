//! A command line of one's own.

use m26_pay::m26::{Raw, RawAnswer};

use crate::boundary::enter;
use crate::memory::{Texts, m26pay_memory};
use crate::module::{m26pay_module, send};
use crate::pointer::Out;
use crate::status::m26pay_status;
use crate::text::{self, m26pay_str};

/// The answer to a line of one's own. It can hold personal data. `memory` is to be freed by
/// `m26pay_memory_free`.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct m26pay_raw_answer {
    /// The lines before the final result, as the module wrote them, which need not be UTF-8. Behind each
    /// is a line feed.
    pub lines: m26pay_str,
    /// How many lines that are.
    pub count: usize,
    /// Where they live.
    pub memory: m26pay_memory,
}

/// Sends a line as it is, such as "AT+CSQ", and gives what comes until the final result `OK`.
/// `answer->memory` is to be freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn m26pay_send_raw(
    module: m26pay_module,
    line: m26pay_str,
    answer: *mut m26pay_raw_answer,
) -> m26pay_status {
    enter(|| {
        // SAFETY: the header asks it of the caller.
        let to = unsafe { Out::new("answer", answer) }?;
        // SAFETY: the header asks it of the caller.
        let line = unsafe { text::text("line", line) }?;
        to.write(m26pay_raw_answer::from(&send(module, Raw::new(line))?));
        Ok(())
    })
}

impl From<&RawAnswer> for m26pay_raw_answer {
    fn from(answer: &RawAnswer) -> Self {
        let mut texts = Texts::default();
        let mut all = zeroize::Zeroizing::new(Vec::new());
        for line in &answer.lines {
            all.extend_from_slice(line.as_bytes());
            all.push(b'\n');
        }
        let lines = texts.add_bytes(&all);
        let placed = texts.keep();
        Self { lines: placed.get(lines), count: answer.lines.len(), memory: placed.memory }
    }
}
