//! [`Recording`]: a transcript, and what it says of itself.

use super::header::{RecordingHeader, begins};
use super::{InvalidTranscript, Transcript, parse_step};

/// What passed on a line, and when, where and with what that was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recording {
    /// What the recording says of itself; `None` for one without a header, as older versions
    /// wrote it.
    pub header: Option<RecordingHeader>,
    /// What passed.
    pub transcript: Transcript,
}

impl Recording {
    /// The recordings of a file, in which each begins with a header. What stands before the first
    /// header is one as well, if there is any step.
    ///
    /// The last line of a recording may have been cut short when the power failed: it is left out if
    /// it cannot be read.
    ///
    /// ```
    /// use m26_pay::transcript::Recording;
    ///
    /// let text = "# m26-pay recording 1\n# port: /dev/ttyUSB0\n> AT\\r\n< \\r\\nOK\\r";
    /// let [recording] = &Recording::all(text)?[..] else { panic!("one recording") };
    /// let header = recording.header.as_ref().expect("a header");
    /// assert_eq!(header.get("port"), Some("/dev/ttyUSB0"));
    /// assert_eq!(recording.transcript.steps.len(), 2);
    /// # Ok::<(), m26_pay::transcript::InvalidTranscript>(())
    /// ```
    ///
    /// # Errors
    /// Another line cannot be read.
    pub fn all(text: &str) -> Result<Vec<Self>, InvalidTranscript> {
        let mut recordings = Vec::new();
        let mut current = Self { header: None, transcript: Transcript::default() };
        let mut lines = text.lines().enumerate().peekable();
        while let Some((index, line)) = lines.next() {
            if begins(line) {
                let next = Self {
                    header: Some(RecordingHeader::empty()),
                    transcript: Transcript::default(),
                };
                recordings.push(std::mem::replace(&mut current, next));
                continue;
            }
            if current.header.as_mut().is_some_and(|header| header.take(line)) {
                continue;
            }
            match parse_step(line.trim_end()) {
                Ok(step) => current.transcript.steps.extend(step),
                Err(_) if lines.peek().is_none_or(|(_, next)| begins(next)) => {}
                Err(reason) => return Err(InvalidTranscript { line: index + 1, reason }),
            }
        }
        recordings.push(current);
        recordings.retain(|recording| {
            recording.header.is_some() || !recording.transcript.steps.is_empty()
        });
        Ok(recordings)
    }
}
