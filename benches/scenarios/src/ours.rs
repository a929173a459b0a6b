//! This crate's splitter, and what is made of its lines.

use m26_pay::alipay::{DeviceIdStatus, ReportStatus};
use m26_pay::at::line::{Frame, LineSplitter, MIN_LIMIT};
use m26_pay::at::profile::Profile;
use m26_pay::at::syntax::View;
use m26_pay::urc::Urc;

use crate::{Parser, Seen};

/// A splitter, and what is asked of each line.
pub struct Ours<Ask> {
    splitter: LineSplitter,
    ask: Ask,
}

impl<Ask: FnMut(&[u8], &mut Seen)> Ours<Ask> {
    /// Lines of at most 4096 bytes, and the data of AT+ALIPAYSIGN by their length.
    pub fn new(ask: Ask) -> Self {
        Self { splitter: LineSplitter::new(MIN_LIMIT, Profile::quectel().counted), ask }
    }

    /// Lines of at most 64 KiB.
    pub fn with_room(ask: Ask) -> Self {
        Self { splitter: LineSplitter::new(1 << 16, Profile::quectel().counted), ask }
    }
}

impl<Ask: FnMut(&[u8], &mut Seen)> Parser for Ours<Ask> {
    #[inline(always)]
    fn read(&mut self, mut bytes: &[u8], seen: &mut Seen) {
        while let Some(frame) = self.splitter.next(&mut bytes) {
            if let Frame::Line(line) = frame {
                (self.ask)(line, seen);
            }
        }
    }

    /// Reads one byte. What a finished line needs is kept apart from the work for each byte.
    #[inline(always)]
    fn read_byte(&mut self, byte: u8, seen: &mut Seen) {
        let byte = [byte];
        let mut bytes = &byte[..];
        if let Some(frame) = self.splitter.next(&mut bytes) {
            if let Frame::Line(line) = frame {
                (self.ask)(line, seen);
            }
            self.read_rest(bytes, seen);
        }
    }
}

impl<Ask: FnMut(&[u8], &mut Seen)> Ours<Ask> {
    #[inline(never)]
    fn read_rest(&mut self, bytes: &[u8], seen: &mut Seen) {
        self.read(bytes, seen);
    }
}

/// The line itself.
pub fn frame(line: &[u8], seen: &mut Seen) {
    seen.lines += 1;
    seen.bytes += line.len();
}

/// Its kind.
pub fn classify(line: &[u8], seen: &mut Seen) {
    match View::of(line) {
        View::Final(_) => seen.finals += 1,
        View::Prefixed { .. } => seen.prefixed += 1,
        View::Text(_) => {}
    }
}

/// Its value.
pub fn decode(line: &[u8], seen: &mut Seen) {
    match Urc::parse(line) {
        Urc::AlipayDeviceId { status: DeviceIdStatus::SUCCESS, biz_tid: Some(biz_tid) } => {
            seen.biz_tid += biz_tid.len();
        }
        Urc::AlipayReport(ReportStatus::SUCCESS) => seen.reported += 1,
        Urc::AlipaySign { signed_data: Some(data), .. } => seen.signed_data += data.expose().len(),
        _ => {}
    }
}
