//! What a splitter found, to compare.

use m26_pay::at::line::{Frame, LineSplitter};

/// A frame with its bytes.
#[derive(Clone, Debug, PartialEq)]
pub enum Cut {
    Line(Vec<u8>),
    Miscounted(Vec<u8>),
    Overlong(Vec<u8>),
}

impl Cut {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Line(bytes) | Self::Miscounted(bytes) | Self::Overlong(bytes) => bytes,
        }
    }
}

pub fn feed(splitter: &mut LineSplitter, mut input: &[u8]) -> Vec<Cut> {
    let mut cuts = Vec::new();
    while let Some(frame) = splitter.next(&mut input) {
        cuts.push(match frame {
            Frame::Line(bytes) => Cut::Line(bytes.to_vec()),
            Frame::Miscounted(bytes) => Cut::Miscounted(bytes.to_vec()),
            Frame::Overlong(bytes) => Cut::Overlong(bytes.to_vec()),
        });
    }
    assert!(input.is_empty(), "all of the input is taken");
    cuts
}
