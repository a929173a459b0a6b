//! [`Paced`]: the time that bytes take on the line.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Buf as _, Bytes};

use super::{Chunk, Device, Order};

/// Lets every byte take the time of ten bits, in both directions: a start bit, eight data bits and
/// a stop bit. At 115200 baud that is 87 µs a byte.
///
/// The host gets them as from a UART: by sixteen when its FIFO is full, or when a frame ends.
#[derive(Debug)]
pub struct Paced<D> {
    device: D,
    byte: Duration,
    /// On their way to the host, each chunk with the moment its first byte begins.
    to_host: VecDeque<(Instant, Chunk)>,
    /// When the line to the host is free again.
    free: Option<Instant>,
    /// On their way to the module, each chunk with the moment its last byte is there.
    to_module: VecDeque<(Instant, Chunk)>,
}

impl<D: Device> Paced<D> {
    /// Puts a line of this rate in front of a device. A rate of 0 is taken as 1.
    pub fn new(device: D, baud: u32) -> Self {
        Self {
            device,
            byte: Duration::from_secs(10) / baud.max(1),
            to_host: VecDeque::new(),
            free: None,
            to_module: VecDeque::new(),
        }
    }

    /// The device behind the line.
    pub fn inner(&self) -> &D {
        &self.device
    }

    /// The device behind the line.
    pub fn inner_mut(&mut self) -> &mut D {
        &mut self.device
    }

    fn time_for(&self, bytes: usize) -> Duration {
        self.byte * u32::try_from(bytes).unwrap_or(u32::MAX)
    }

    /// Hands the module what has reached it, and takes what it says.
    fn advance(&mut self, now: Instant) {
        while self.to_module.front().is_some_and(|(at, _)| *at <= now) {
            if let Some((at, Chunk::Bytes(bytes))) = self.to_module.pop_front() {
                self.device.receive(at, &bytes);
            }
        }
        while let Some(chunk) = self.device.poll_transmit(now) {
            if chunk == Chunk::HangUp {
                self.to_host.clear();
                self.to_module.clear();
            }
            let start = self.free.map_or(now, |free| free.max(now));
            if let Chunk::Bytes(bytes) = &chunk {
                self.free = Some(start + self.time_for(bytes.len()));
            }
            self.to_host.push_back((start, chunk));
        }
    }
}

impl<D: Device> Device for Paced<D> {
    fn receive(&mut self, now: Instant, bytes: &[u8]) {
        let start = self.to_module.back().map_or(now, |(end, _)| (*end).max(now));
        let end = start + self.time_for(bytes.len());
        self.to_module.push_back((end, Chunk::Bytes(Bytes::copy_from_slice(bytes))));
    }

    fn poll_transmit(&mut self, now: Instant) -> Option<Chunk> {
        self.advance(now);
        let (start, chunk) = self.to_host.front_mut()?;
        let Chunk::Bytes(bytes) = chunk else {
            return (*start <= now).then(|| self.to_host.pop_front()).flatten().map(|(_, c)| c);
        };
        let elapsed = now.saturating_duration_since(*start).as_nanos();
        let passed = elapsed / self.byte.as_nanos().max(1);
        let passed = usize::try_from(passed).map_or(bytes.len(), |passed| passed.min(bytes.len()));
        if passed < bytes.len().min(FIFO) {
            return None;
        }
        let ready = bytes.split_to(passed);
        *start += self.byte * u32::try_from(passed).unwrap_or(u32::MAX);
        if !bytes.has_remaining() {
            self.to_host.pop_front();
        }
        Some(Chunk::Bytes(ready))
    }

    fn next_deadline(&self) -> Option<Instant> {
        let to_host = self.to_host.front().map(|(start, chunk)| match chunk {
            Chunk::Bytes(bytes) => *start + self.time_for(bytes.len().min(FIFO)),
            Chunk::HangUp | Chunk::Restore => *start,
        });
        let to_module = self.to_module.front().map(|(at, _)| *at);
        [to_host, to_module, self.device.next_deadline()].into_iter().flatten().min()
    }

    fn command(&mut self, now: Instant, order: &Order) {
        self.advance(now);
        self.device.command(now, order);
    }
}

/// How many bytes a 16550, the pattern of most UARTs, holds for its host.
const FIFO: usize = 16;
